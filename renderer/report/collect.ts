/** Puts something that was found in another room into a report. */
import type { SectionInput } from '../../core/report/spec.ts';
import { useRouter } from '../app/router.svelte.ts';
import { useToasts } from '../parts/toasts.svelte.ts';
import { useReports } from './reports.svelte.ts';

/** For a component while it is set up: into a report, with the way there. */
export function useCollect(): (section: SectionInput) => Promise<void> {
  const reports = useReports();
  const router = useRouter();
  const toasts = useToasts();
  return async (section) => {
    await reports.collect(section);
    toasts.add('done', `Added to ${reports.draft?.title ?? 'the report'}.`, {
      name: 'Show it',
      run: () => router.go({ room: 'report' }),
    });
  };
}
