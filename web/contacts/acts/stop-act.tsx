import { type ContactAct, getContactAct, listContactActs, stopContactAct } from '../../../src/api/endpoints/contact-acts.ts'
import { useMe, whyNot } from '../../me.ts'
import { useAction } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'

/** While it is under way. Nobody is asked twice: what is done can be undone, and what is left can be begun again. */
export function StopAct({ act: { id, state } }: { readonly act: Pick<ContactAct, 'id' | 'state'> }) {
  const because = whyNot(useMe(), 'audience.manage')
  const stop = useAction(stopContactAct, { changes: [listContactActs, getContactAct] })
  if (state !== 'choosing' && state !== 'running') return null
  return (
    <ActButton
      variant="default"
      size="compact-sm"
      because={because}
      loading={stop.isPending}
      onClick={() => stop.mutate({ params: { id } })}
    >
      {t.contactActs.stop}
    </ActButton>
  )
}
