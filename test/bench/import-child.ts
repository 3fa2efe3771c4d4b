/** Imports a recording in a process of its own and prints its greatest memory, in MiB. */
import { importTrace } from '../../traces/index.ts';

const input = process.argv[2] ?? '';
await importTrace({ input, output: `${input}.mctrace`, name: 'bench', recordedAt: '' });
process.stdout.write(String(process.resourceUsage().maxRSS / 1024));
