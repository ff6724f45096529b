import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { KeyRound, Trash2 } from 'lucide-react'
import { type DomainDetail, getDomain, listDomains, removeDomain, rotateDomainKeys } from '../../src/api/endpoints/domains.ts'
import type { ReplyOf } from '../api.ts'
import { useMe, whyNot } from '../me.ts'
import { keyOf, useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { toast } from '../ui/toasts.tsx'

export function DomainActs({ domain }: { domain: DomainDetail }) {
  const me = useMe()
  const ask = useAsk()
  const navigate = useNavigate()
  const client = useQueryClient()
  const rotate = useAction(rotateDomainKeys, { changes: [getDomain], onDone: () => toast('good', t.domains.rotated) })
  const remove = useAction(removeDomain, {
    changes: [listDomains],
    onDone: () => {
      // Gone from the list that is shown next, before it is asked for again.
      client.setQueryData<ReplyOf<typeof listDomains>>(
        keyOf(listDomains, {}),
        (old) => old && { ...old, items: old.items.filter(({ id }) => id !== domain.id) },
      )
      toast('good', t.domains.removed(domain.name))
      void navigate({ to: '/domains' })
    },
  })
  const params = { id: domain.id }
  const because = whyNot(me, 'routes.manage')
  async function askRotate() {
    const asked = { title: t.domains.rotateTitle(domain.name), body: t.domains.rotateBody, act: t.domains.rotate }
    if (await ask(asked)) rotate.mutate({ params })
  }
  async function askRemove() {
    const asked = { title: t.domains.removeTitle(domain.name), body: t.domains.removeBody, act: t.domains.remove, danger: true }
    if (await ask(asked)) remove.mutate({ params })
  }
  return (
    <>
      <ActButton
        variant="default"
        leftSection={<KeyRound size={15} aria-hidden />}
        because={because ?? (domain.can_rotate ? null : t.domains.rotateNot)}
        loading={rotate.isPending}
        onClick={() => void askRotate()}
      >
        {t.domains.rotate}
      </ActButton>
      <ActButton
        variant="default"
        leftSection={<Trash2 size={15} aria-hidden />}
        because={because}
        loading={remove.isPending}
        onClick={() => void askRemove()}
      >
        {t.domains.remove}
      </ActButton>
    </>
  )
}
