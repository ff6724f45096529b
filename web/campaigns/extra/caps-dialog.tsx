import { Button, NumberInput } from '@mantine/core'
import { useState } from 'react'
import { listCampaignCaps, setCampaignCaps } from '../../../src/api/endpoints/campaign-caps.ts'
import { MAX_CAP_DAYS, MAX_CAP_MAILS } from '../../../src/campaigns/caps/cap.ts'
import type { BodyOf } from '../../api.ts'
import { useAction } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Form, FormActs, FormRow } from '../../ui/form.tsx'
import { toast } from '../../ui/toasts.tsx'
import styles from '../edit/edit.module.css'

type Caps = BodyOf<typeof setCampaignCaps>['items']
type ListId = NonNullable<Caps[number]['list_id']>

interface Props {
  readonly caps: Caps
  readonly lists: readonly { readonly id: ListId; readonly name: string }[]
  readonly onClose: () => void
}

/** Of all campaigns, and of those to each list. A limit needs both numbers. */
export function CapsDialog({ caps, lists, onClose }: Props) {
  const says = t.campaignSettings.caps
  const rows: readonly (readonly [id: ListId | null, name: string])[] = [
    [null, says.all],
    ...lists.map(({ id, name }) => [id, name] as const),
  ]
  const [typed, setTyped] = useState<ReadonlyMap<ListId | null, { mails: number | null; days: number | null }>>(
    () => new Map(caps.map(({ list_id: id, mails, days }) => [id, { mails, days }])),
  )
  const save = useAction(setCampaignCaps, {
    changes: [listCampaignCaps],
    quiet: true,
    onDone: () => {
      toast('good', says.saved)
      onClose()
    },
  })
  const said = rows.flatMap(([id]): Caps => {
    const { mails = null, days = null } = typed.get(id) ?? {}
    return mails === null || days === null ? [] : [{ list_id: id, mails, days }]
  })
  const field = (id: ListId | null, name: string, key: 'mails' | 'days') => (
    <NumberInput
      label={says[key]}
      aria-label={`${name}: ${says[key]}`}
      min={1}
      max={key === 'mails' ? MAX_CAP_MAILS : MAX_CAP_DAYS}
      allowDecimal={false}
      value={typed.get(id)?.[key] ?? ''}
      onChange={(value) => {
        const before = typed.get(id) ?? { mails: null, days: null }
        setTyped(new Map([...typed, [id, { ...before, [key]: typeof value === 'number' ? value : null }]]))
      }}
    />
  )
  return (
    <Dialog title={says.dialog} onClose={onClose}>
      <Form onSubmit={() => save.mutate({ body: { items: said } })} problem={save.error?.message ?? null}>
        <p className={styles.quiet}>{says.lead}</p>
        {rows.map(([id, name]) => (
          <fieldset key={id ?? 'all'} className={styles.plain}>
            <legend>{name}</legend>
            <FormRow half>
              {field(id, name, 'mails')}
              {field(id, name, 'days')}
            </FormRow>
          </fieldset>
        ))}
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {says.save}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}
