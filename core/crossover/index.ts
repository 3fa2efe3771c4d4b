export type {
  Crossing,
  CrossoverFound,
  CrossoverPoint,
  CrossoverSample,
  Dependence,
} from '../contract/crossover.ts';
export { crossover, type CrossoverOptions } from './crossover.ts';
export type { CrossoverProgress } from './probe.ts';
export { scenarioAt, usualRange, type CrossoverQuestion } from './question.ts';
export { SHARE } from './verdict.ts';
