export {
  crossover,
  type CrossoverFound,
  type CrossoverSample,
  type Dependence,
} from './crossover.ts';
export type { CrossoverPoint, CrossoverProgress } from './probe.ts';
export { usualRange, type CrossoverQuestion } from './question.ts';
export { SHARE, type Crossing } from './verdict.ts';
