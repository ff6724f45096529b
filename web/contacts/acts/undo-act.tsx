import { type ContactAct, getContactAct, listContactActs, undoContactAct } from '../../../src/api/endpoints/contact-acts.ts'
import { useMe, whyNot } from '../../me.ts'
import { useAction } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { useAsk } from '../../ui/ask.tsx'

/** Where there is anything to take back. */
export function UndoAct({ act: { id, state, changed } }: { readonly act: Pick<ContactAct, 'id' | 'state' | 'changed'> }) {
  const ask = useAsk()
  const because = whyNot(useMe(), 'audience.manage')
  const undo = useAction(undoContactAct, { changes: [listContactActs, getContactAct] })
  const words = t.contactActs
  if ((state !== 'done' && state !== 'stopped') || changed === 0) return null
  async function takeBack() {
    if (await ask({ title: words.undoTitle(changed), body: words.undoBody, act: words.undo })) undo.mutate({ params: { id } })
  }
  return (
    <ActButton variant="default" size="compact-sm" because={because} loading={undo.isPending} onClick={() => void takeBack()}>
      {words.undo}
    </ActButton>
  )
}
