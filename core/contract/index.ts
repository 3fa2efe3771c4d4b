export * from './errors.ts';
export * from './ids.ts';
export * from './kinds.ts';
export * from './methods.ts';
export * from './result.ts';
export * from './rpc.ts';
export * from './scenario.ts';
export * from './version.ts';
