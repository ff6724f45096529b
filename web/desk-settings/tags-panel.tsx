import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { changeTag, createTag, listTags, removeTag, type TagView } from '../../src/api/endpoints/triage-settings.ts'
import type { Color } from '../../src/helpdesk/triage/tag.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { useAsk } from '../ui/ask.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form } from '../ui/form.tsx'
import { number } from '../ui/format.ts'
import { Loadable } from '../ui/loadable.tsx'
import { Panel } from '../ui/panel.tsx'
import { Rows } from '../ui/rows.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './desk-settings.module.css'
import { AddButton, Chip, ColorSelect, RowActs, SaveActs } from './parts.tsx'

const MANY = 1_000

export function TagsPanel({ because }: { because: string | null }) {
  const query = useEndpoint(listTags, { counted: true })
  const ask = useAsk()
  const remove = useAction(removeTag, { changes: [listTags] })
  const [open, setOpen] = useState<TagView | 'new' | null>(null)
  const says = t.deskSettings
  async function onRemove({ name }: TagView) {
    if (await ask({ title: says.askTag(name), body: says.askTagBody, act: says.remove, danger: true }))
      remove.mutate({ params: { name } }, { onSuccess: () => toast('good', says.removed(name)) })
  }
  const add = (
    <AddButton because={because} onClick={() => setOpen('new')}>
      {says.addTag}
    </AddButton>
  )
  return (
    <Panel title={says.tags} aside={add}>
      <p className={styles.lead}>{says.tagsLead}</p>
      <Loadable query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <p>{says.noTags}</p>
          ) : (
            <Rows
              label={says.tags}
              rows={items}
              keyOf={({ name }) => name}
              columns={[
                { key: 'name', header: says.name, cell: (tag) => <Chip {...tag} /> },
                {
                  key: 'conversations',
                  header: says.conversations,
                  end: true,
                  cell: ({ conversations: n }) => (n >= MANY ? says.many : number(n)),
                },
                {
                  key: 'acts',
                  header: t.common.acts,
                  isHidden: true,
                  end: true,
                  cell: (tag) => (
                    <RowActs name={tag.name} because={because} onEdit={() => setOpen(tag)} onRemove={() => void onRemove(tag)} />
                  ),
                },
              ]}
            />
          )
        }
      </Loadable>
      {open && <TagDialog tag={open === 'new' ? null : open} onClose={() => setOpen(null)} />}
    </Panel>
  )
}

function TagDialog({ tag, onClose }: { tag: TagView | null; onClose: () => void }) {
  const [name, setName] = useState(tag?.name ?? '')
  const [color, setColor] = useState<Color>((tag?.color as Color | undefined) ?? 'grey')
  const says = t.deskSettings
  const options = {
    quiet: true,
    changes: [listTags],
    onDone: (saved: TagView) => {
      toast('good', says.saved(saved.name))
      onClose()
    },
  }
  const create = useAction(createTag, options)
  const change = useAction(changeTag, options)
  const errors = errorsFor(create.error ?? change.error, ['/name'])
  function submit() {
    const body = { name: name.trim(), color }
    if (tag) change.mutate({ params: { name: tag.name }, body })
    else create.mutate({ body })
  }
  return (
    <Dialog title={tag ? says.editOf(tag.name) : says.addTag} onClose={onClose}>
      <Form onSubmit={submit} problem={errors.rest}>
        <TextInput
          label={says.name}
          description={tag ? says.tagHint : undefined}
          value={name}
          error={errors.of('/name')}
          maxLength={50}
          required
          data-autofocus
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <ColorSelect color={color} onChange={setColor} />
        <SaveActs busy={create.isPending || change.isPending} onClose={onClose} />
      </Form>
    </Dialog>
  )
}
