import { Autocomplete, Button, Checkbox, Select, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type ContactAct, expectContactAct, listContactActs, startContactAct } from '../../../src/api/endpoints/contact-acts.ts'
import { listTagsOfContacts } from '../../../src/api/endpoints/contacts.ts'
import { listLists } from '../../../src/api/endpoints/lists.ts'
import type { Id } from '../../../src/lib/ids.ts'
import { call } from '../../api.ts'
import { useAction, useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Form, FormActs } from '../../ui/form.tsx'
import { Note } from '../../ui/note.tsx'
import { resultWords } from './act-words.ts'
import type { Kind, Scope, Wanted } from './choice-bar.tsx'

interface Props {
  readonly kind: Kind
  readonly scope: Scope
  readonly size: number
  readonly onClose: () => void
  readonly onBegun: (id: ContactAct['id']) => void
}

/** What is to be done, and what would come of it before anything is: how many, who not and why. */
export function ActDialog({ kind, scope, size, onClose, onBegun }: Props) {
  const [tag, setTag] = useState('')
  const [list, setList] = useState<string | null>(null)
  const [reason, setReason] = useState('')
  const [override, setOverride] = useState(false)
  const words = t.contactActs
  const act = actOf({ kind, tag: tag.trim(), list: list as Id<'contact_list'> | null, reason: reason.trim(), override })
  const expected = useExpected(act, scope)
  const start = useAction(startContactAct, { quiet: true, changes: [listContactActs], onDone: ({ id }) => onBegun(id) })
  const isReady = act !== null && (kind !== 'subscribe' || reason.trim() !== '')
  return (
    <Dialog title={words.titles[kind](size)} onClose={onClose}>
      <Form onSubmit={() => isReady && start.mutate({ body: { act, scope } })} problem={start.error?.message ?? null}>
        {kind === 'tag' || kind === 'untag' ? (
          <TagField value={tag} onChange={setTag} />
        ) : (
          <ListField value={list} onChange={setList} isJoining={kind === 'subscribe'} />
        )}
        {kind === 'subscribe' && (
          <>
            <Textarea
              label={override ? words.whyOverride : words.reason}
              description={words.reasonHint}
              required
              autosize
              minRows={2}
              maxLength={2_000}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            <Checkbox
              label={words.override}
              description={words.overrideHint}
              checked={override}
              onChange={(event) => setOverride(event.currentTarget.checked)}
            />
          </>
        )}
        {act !== null && (
          <Note
            tone={expected.data && hasRefused(expected.data.refused) ? 'care' : 'calm'}
            hint={expected.data && resultWords(expected.data)}
          >
            {expected.data ? words.expected(expected.data.changed) : (expected.error?.message ?? words.counting)}
          </Note>
        )}
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <ActButton type="submit" loading={start.isPending} because={isReady ? null : words.titles[kind](size)}>
            {words.act(expected.data?.changed ?? size)}
          </ActButton>
        </FormActs>
      </Form>
    </Dialog>
  )
}

function hasRefused(refused: ContactAct['refused']): boolean {
  return Object.values(refused).some((n) => n > 0)
}

interface Said {
  readonly kind: Kind
  readonly tag: string
  readonly list: Id<'contact_list'> | null
  readonly reason: string
  readonly override: boolean
}

/** Null until it is said which tag, or which list. */
function actOf({ kind, tag, list, reason, override }: Said): Wanted['act'] | null {
  if (kind === 'tag' || kind === 'untag') return tag === '' ? null : { kind, tag }
  if (list === null) return null
  return kind === 'subscribe' ? { kind, list, reason, override } : { kind, list }
}

/** The words of a reason change nothing of it. */
function useExpected(act: Wanted['act'] | null, scope: Scope) {
  const asked = act?.kind === 'subscribe' ? { ...act, reason: '' } : act
  return useQuery({
    queryKey: [expectContactAct.path, asked, scope],
    queryFn: ({ signal }) => call(expectContactAct, { body: { act: asked, scope } }, signal),
    enabled: asked !== null,
    staleTime: 0,
  })
}

function TagField({ value, onChange }: { readonly value: string; readonly onChange: (tag: string) => void }) {
  const tags = useEndpoint(listTagsOfContacts, {}).data?.items ?? []
  return (
    <Autocomplete
      label={t.contactActs.tag}
      required
      data-autofocus
      maxLength={60}
      limit={20}
      data={[...new Set(tags.map(({ tag }) => tag))]}
      value={value}
      onChange={onChange}
    />
  )
}

interface ListFieldProps {
  readonly value: string | null
  readonly onChange: (list: string | null) => void
  readonly isJoining: boolean
}

function ListField({ value, onChange, isJoining }: ListFieldProps) {
  const lists = useEndpoint(listLists, {}).data?.items ?? []
  const open = lists.filter(({ is_archived }) => !isJoining || !is_archived)
  return (
    <Select
      label={t.contactActs.list}
      required
      searchable
      data={open.map(({ id, name }) => ({ value: id, label: name }))}
      value={value}
      onChange={onChange}
    />
  )
}
