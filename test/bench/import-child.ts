/** Imports a recording as the lab does, in a process of its own, and prints its greatest memory, in MiB. */
import { importInThread } from '../../electron/lab/importing/thread.ts';
import { peakMiB } from './peak.ts';

const input = process.argv[2] ?? '';
await importInThread({ input, output: `${input}.mctrace`, name: 'bench', recordedAt: '' });
process.stdout.write(String(peakMiB()));
