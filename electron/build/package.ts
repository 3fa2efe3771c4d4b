import path from 'node:path';

/** What differs from `electron-builder.yml`, for tests. */
export interface PackageOptions {
  /** A folder with an Electron runtime, instead of a download. */
  readonly electronDist?: string;
  /** Where the packages go, instead of `dist/packages`. */
  readonly output?: string;
  /** Only the unpacked folder, no installer: needs no tools beyond what npm installed. */
  readonly folderOnly?: boolean;
}

/** Packs what was built. Everything about the package itself is in `electron-builder.yml`. */
export async function packageApp(root: string, options: PackageOptions = {}): Promise<void> {
  const { build, Platform } = await import('electron-builder');
  await build({
    projectDir: root,
    ...(options.folderOnly === true ? { targets: Platform.current().createTarget('dir') } : {}),
    publish: 'never',
    config: {
      extends: path.join(root, 'electron-builder.yml'),
      ...(options.electronDist === undefined ? {} : { electronDist: options.electronDist }),
      ...(options.output === undefined ? {} : { directories: { output: options.output } }),
    },
  });
}
