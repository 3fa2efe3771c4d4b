/** Names of the messages between preload and main process. Nothing else passes between them. */
export const CHANNELS = {
  /** Page asks for a port to the lab, with a nonce. */
  requestPort: 'mapcopy:request-port',
  /** Main answers with the port and the same nonce. */
  port: 'mapcopy:port',
  pickFiles: 'mapcopy:pick-files',
  saveFile: 'mapcopy:save-file',
  reveal: 'mapcopy:reveal',
  setTheme: 'mapcopy:set-theme',
  /** Main hands over files that the user opened from outside. */
  openFiles: 'mapcopy:open-files',
  /** Main passes on a choice from the menu. */
  command: 'mapcopy:command',
} as const;
