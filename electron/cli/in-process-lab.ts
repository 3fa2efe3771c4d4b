import os from 'node:os';
import { createClient, portPair, serve, type LabClient } from '../../core/contract/index.ts';
import { homeFolder } from '../lab/folder.ts';
import type { Io } from './io.ts';

/** Works with a lab in this process, through the contract as the window does. */
export async function withLab<T>(io: Io, work: (client: LabClient) => Promise<T>): Promise<T> {
  const [{ createLab }, { realParts }] = await Promise.all([
    import('../lab/handlers.ts'),
    import('../lab/real-parts.ts'),
  ]);
  const home = homeFolder({ env: process.env, platform: process.platform, userHome: os.homedir() });
  const lab = createLab({ home, samples: '', uploads: null }, realParts);
  const [near, far] = portPair();
  serve(far, lab.handlers('command-line'));
  const client = createClient(near);
  const release = io.onStop((signal) => void lab.finish(`stopped by ${signal}`));
  try {
    return await work(client);
  } finally {
    release();
    io.progress('');
    client.close();
    await lab.finish('done');
  }
}
