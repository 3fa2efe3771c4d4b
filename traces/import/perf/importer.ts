/** `perf script`. */
import { LabError } from '../../../core/contract/errors.ts';
import { FtraceImporter, kernelDialect } from '../ftrace/importer.ts';
import type { RecordedSink } from '../recorded.ts';
import { PerfLines } from './line.ts';

export class PerfImporter extends FtraceImporter {
  constructor(sink: RecordedSink) {
    const lines = new PerfLines();
    super(sink, {
      ...kernelDialect(),
      format: 'perf script',
      parse: (text) => lines.parse(text),
      framesFollow: true,
    });
  }

  override nothingFound(path: string): LabError {
    return new LabError(
      'NO_EVENTS',
      this.samples > 0
        ? 'this output of perf script holds samples of a profiler and no trace event'
        : 'this output of perf script holds no trace event',
      path,
      'record tracepoints, as in "perf record -e kvm:* -e iommu:* -a"',
    );
  }
}
