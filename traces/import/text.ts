/** The importer of each text format. */
import { CsvImporter } from './csv/importer.ts';
import { FtraceImporter } from './ftrace/importer.ts';
import type { RecordingHints } from './options.ts';
import { PerfImporter } from './perf/importer.ts';
import { QemuImporter } from './qemu/importer.ts';
import type { RecordedSink } from './recorded.ts';
import type { TextFormat } from './sniff.ts';
import { TraceCmdImporter } from './tracecmd/importer.ts';
import type { TextImporter } from './text-importer.ts';
import { XenalyzeImporter } from './xentrace/xenalyze-importer.ts';
import { XentraceFormatImporter } from './xentrace/format-importer.ts';

export type { TextImporter } from './text-importer.ts';

/** An importer that hands its events to `sink`. */
export function textImporter(
  format: TextFormat,
  sink: RecordedSink,
  hints: RecordingHints,
): TextImporter {
  if (typeof format === 'object') return new CsvImporter(sink, format.mapping);
  switch (format) {
    case 'ftrace':
      return new FtraceImporter(sink);
    case 'trace-cmd report':
      return new TraceCmdImporter(sink);
    case 'perf script':
      return new PerfImporter(sink);
    case 'QEMU log':
      return new QemuImporter(sink);
    case 'xentrace_format':
      return new XentraceFormatImporter(sink, hints.clockHz);
    case 'xenalyze':
      return new XenalyzeImporter(sink);
  }
}
