/** Handlers of studies: sweeps, runs on all CPUs, crossovers, profiles. */
import type { LabHandlers } from '../../../core/contract/index.ts';
import type { Study } from '../study/index.ts';

type Topic = Extract<keyof LabHandlers, `study.${string}` | `profile.${string}`>;

export function studyHandlers(study: Study): Pick<LabHandlers, Topic> {
  const { studies, runs, crossovers, profiles } = study;
  return {
    'study.list': () => studies.list(),
    'study.rows': ({ id, ...asked }) => studies.rows(id, asked),
    'study.results': ({ id, ...asked }) => studies.results(id, asked),
    'study.check': ({ plan }) => studies.check(plan),
    'study.start': ({ plan }) => studies.start(plan),
    'study.resume': ({ id }) => studies.resume(id),
    'study.stop': ({ id }) => {
      studies.stop(id);
      return null;
    },
    'study.remove': ({ id }) => study.remove(id),
    'study.restore': ({ item }) => study.restore(item),
    'study.asked': ({ id }) => ({ asked: studies.asked(id) }),
    'study.plan': ({ id }) => ({ plan: studies.plan(id) }),
    'study.run': (args) => study.run(args),
    'study.cancel': ({ ids }) => {
      runs.cancel(ids);
      return null;
    },
    'study.crossover': (asked) => ({ id: crossovers.start(asked) }),
    'study.cancelCrossover': ({ id }) => {
      crossovers.cancel(id);
      return null;
    },
    'study.openCrossover': ({ id }) => crossovers.open(id),
    'study.follow': async (_, { progress, signal }) => {
      await study.follow(progress, signal);
      return null;
    },
    'profile.list': () => profiles.list(),
    'profile.save': ({ document }) => profiles.save(document),
    'profile.remove': ({ id }) => {
      profiles.remove(id);
      return null;
    },
  };
}
