import { checkConnection } from '../../src/api/endpoints/doctor.ts'
import { checkRoute } from '../../src/api/endpoints/routes.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { toast } from '../ui/toasts.tsx'
import { connectionOf, type Patch, patched, type RouteDraft } from './route-draft.ts'

interface Given {
  readonly draft: RouteDraft
  readonly onChange: (draft: RouteDraft) => void
  /** The saved route that the draft still equals: then the doctor may use the kept password. */
  readonly savedId: Id<'route'> | null
  /** An address of the person who asks, for MAIL and RCPT. */
  readonly address: string | undefined
}

/** The doctor beside a form: examines what is in the form, puts a fix into the form, and examines again. */
export function useDoctor({ draft, onChange, savedId, address }: Given) {
  const connection = useAction(checkConnection, { quiet: true })
  const saved = useAction(checkRoute, { quiet: true })
  const last = [connection, saved].toSorted((a, b) => b.submittedAt - a.submittedAt)[0] ?? connection

  function examine(what: RouteDraft, asSaved: boolean): void {
    if (asSaved && savedId) saved.mutate({ params: { id: savedId } })
    else connection.mutate({ body: connectionOf(what, address) })
  }
  return {
    report: last.data,
    isRunning: connection.isPending || saved.isPending,
    problem: last.error?.message ?? null,
    because: draft.host.trim() === '' ? t.doctor.needsHost : null,
    onExamine: () => examine(draft, true),
    onApply(patch: Patch, label: string) {
      const better = patched(draft, patch)
      onChange(better)
      toast('good', t.doctor.applied(label))
      examine(better, false)
    },
  }
}
