/** The files of a drop: a folder stands for every file in it, and in the folders in it. */

/** More than anybody means to import at once; a home folder dropped by mistake has more. */
export const MAX_FILES = 2000;

export interface Dropped {
  readonly files: readonly File[];
  /** There were more than can be taken at once. */
  readonly cut: boolean;
}

const children = (folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> => {
  const reader = folder.createReader();
  const batch = () =>
    new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
  // A reader gives at most a hundred at a time, and none at the end.
  const rest = async (): Promise<FileSystemEntry[]> => {
    const some = await batch();
    return some.length === 0 ? [] : [...some, ...(await rest())];
  };
  return rest();
};

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

/** Must be called in the drop's own event: the browser forgets its items afterwards. */
export async function filesOf(transfer: DataTransfer): Promise<Dropped> {
  const files: File[] = [];
  const folders: FileSystemDirectoryEntry[] = [];
  for (const item of transfer.items) {
    const entry = item.webkitGetAsEntry();
    // What was dropped itself is wanted, whatever its name.
    if (entry?.isDirectory === true) folders.push(entry as FileSystemDirectoryEntry);
    else files.push(...[item.getAsFile()].filter((file) => file !== null));
  }
  // What is appended here is visited by this loop as well.
  for (const folder of folders) {
    for (const entry of await children(folder)) {
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory) folders.push(entry as FileSystemDirectoryEntry);
      else if (files.length < MAX_FILES) files.push(await fileOf(entry as FileSystemFileEntry));
      else return { files, cut: true };
    }
  }
  return { files, cut: false };
}
