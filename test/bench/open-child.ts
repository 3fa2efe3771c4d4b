/** Opens a trace, asks it a thousand questions and prints the greatest memory of the process, in MiB. */
import { openTrace } from '../../traces/index.ts';
import { ASKED } from './opened.ts';
import { peakMiB } from './peak.ts';

const reader = openTrace(process.argv[2] ?? '');
const extent = reader.info('bench');
for (let i = 0; i < 250; i++) {
  for (const ask of Object.values(ASKED)) ask(reader, extent, () => (i * 0.618) % 1);
}
reader.close();
process.stdout.write(String(peakMiB()));
