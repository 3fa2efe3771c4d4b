/** QEMU's log of trace events. */
import { LabError } from '../../../core/contract/errors.ts';
import { FtraceImporter } from '../ftrace/importer.ts';
import { isKnownQemu, parseAnyQemu, parseQemu } from '../payload/qemu.ts';
import type { RecordedSink } from '../recorded.ts';
import { QemuLines } from './line.ts';

export class QemuImporter extends FtraceImporter {
  constructor(sink: RecordedSink) {
    const lines = new QemuLines();
    super(sink, {
      format: 'QEMU log',
      parse: (text) => lines.parse(text),
      isKnown: isKnownQemu,
      known: parseQemu,
      any: parseAnyQemu,
    });
  }

  override nothingFound(path: string): LabError {
    return new LabError(
      'NO_EVENTS',
      'this log of QEMU has no trace event in it',
      path,
      'run QEMU with "-trace vtd_* -trace vfio_*" and "-msg timestamp=on"',
    );
  }
}
