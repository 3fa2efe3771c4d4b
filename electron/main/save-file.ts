import { copyFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Deliveries } from '../lab/deliveries.ts';
import type { ElectronApi } from './electron-api.ts';
import type { Settings } from './settings.ts';

/**
 * Asks where a file that the lab has made should go, and moves it there; the dialog asks before a file
 * is replaced. Whatever the user says, the file no longer waits.
 *
 * @returns its path; empty when the user cancelled, or when there is no such file
 */
export async function saveFile(
  { dialog }: Pick<ElectronApi, 'dialog'>,
  delivery: string,
  { settings, deliveries }: { readonly settings: Settings; readonly deliveries: Deliveries },
): Promise<string> {
  const file = deliveries.take(delivery);
  if (file === undefined) return '';
  try {
    const { canceled, filePath } = await dialog.showSaveDialog({
      defaultPath: path.join(settings.data.lastFolder, path.basename(file)),
    });
    if (canceled || filePath === '') return '';
    await move(file, filePath);
    settings.update({ lastFolder: path.dirname(filePath) });
    return filePath;
  } catch (error) {
    dialog.showErrorBox('The file could not be saved', (error as Error).message);
    return '';
  } finally {
    deliveries.remove(delivery);
  }
}

/** Another disk takes a copy; beside its place first, so that it is there whole or not at all. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const part = `${to}.part`;
    try {
      await copyFile(from, part);
      await rename(part, to);
    } catch (failed) {
      await rm(part, { force: true });
      throw failed;
    }
  }
}
