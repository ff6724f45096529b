import { Button, Select, TagsInput, TextInput } from '@mantine/core'
import { Stethoscope } from 'lucide-react'
import { useState } from 'react'
import { listInboxes } from '../../src/api/endpoints/inboxes.ts'
import {
  changeSource,
  createSource,
  listOAuthApps,
  listSources,
  type Source,
  trySource,
} from '../../src/api/endpoints/sources.ts'
import { AFTERWARDS, BEGINNINGS } from '../../src/inbound/sources/source.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ChoiceCards } from '../ui/choice-cards.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs, FormRow } from '../ui/form.tsx'
import { Note } from '../ui/note.tsx'
import { toast } from '../ui/toasts.tsx'
import { Checks } from './checks.tsx'
import { MailboxFields } from './mailbox-fields.tsx'
import { SesFields } from './ses-fields.tsx'
import { choicesOf, draftOf, isMailbox, mailboxOf, providerOf, SOURCE_KINDS, type SourceDraft, sesOf } from './source-draft.ts'

const names = t.sources.form
const POINTERS = ['/name', '/path', '/folders', '/move_to', '/afterwards', '/password', '/ses/topic_arn', '/ses/route_id']
const MAILBOX_POINTERS = ['address', 'host', 'port', 'username', 'password', 'provider'].map((name) => `/mailbox/${name}`)

/** A source, new or there already. `Try` walks the way first, and lists the folders to choose from. */
export function SourceForm({ source, onClose }: { source: Source | null; onClose: () => void }) {
  const [draft, setDraft] = useState<SourceDraft>(() => draftOf(source))
  const set = (change: Partial<SourceDraft>) => setDraft((before) => ({ ...before, ...change }))
  const tried = useAction(trySource, { quiet: true })
  const done = (say: (name: string) => string) => (saved: Source) => {
    toast('good', say(saved.name))
    onClose()
  }
  const create = useAction(createSource, {
    quiet: true,
    changes: [listSources],
    onDone: (saved) => done(saved.ses ? t.sources.addedTold : t.sources.added)(saved),
  })
  const change = useAction(changeSource, { quiet: true, changes: [listSources], onDone: done(t.sources.changed) })
  const errors = errorsFor(create.error ?? change.error ?? tried.error, [...POINTERS, ...MAILBOX_POINTERS])
  const [isFolder, isSes, hasMailbox] = [draft.kind === 'folder', draft.kind === 'ses', isMailbox(draft)]
  function submit() {
    const choices = choicesOf(draft)
    if (source)
      change.mutate({
        params: { id: source.id },
        body: { ...choices, ...(hasMailbox && { mailbox: mailboxOf(draft) }), ...(isSes && { ses: sesOf(draft) }) },
      })
    else if (isSes) create.mutate({ body: { ...choices, ses: sesOf(draft) } })
    else if (isFolder) create.mutate({ body: { ...choices, path: draft.path.trim() } })
    else create.mutate({ body: { ...choices, mailbox: mailboxOf(draft), begin_with: draft.begin } })
  }
  return (
    <Dialog title={source ? names.changeTitle(source.name) : names.title} onClose={onClose} wide>
      <Form problem={errors.rest} onSubmit={submit}>
        {!source && (
          <ChoiceCards
            label={names.kind}
            name="kind"
            value={draft.kind}
            choices={SOURCE_KINDS.map((value) => ({ value, ...names.kinds[value] }))}
            onChange={(kind) => set({ kind })}
          />
        )}
        <NeedsApp draft={draft} />
        <TextInput
          label={names.name}
          value={draft.name}
          error={errors.of('/name')}
          data-autofocus={source ? true : undefined}
          required
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        {isFolder && !source && (
          <TextInput
            label={names.path}
            description={names.pathHint}
            value={draft.path}
            error={errors.of('/path')}
            spellCheck={false}
            required
            onChange={(event) => set({ path: event.currentTarget.value })}
          />
        )}
        {isSes && <SesFields draft={draft} set={set} error={errors.of} />}
        {hasMailbox && (
          <MailboxFields draft={draft} isNew={!source} setDraft={setDraft} error={(name) => errors.of(`/mailbox/${name}`)} />
        )}
        {draft.kind === 'password' && (
          <div aria-live="polite">
            <Button
              variant="light"
              leftSection={<Stethoscope size={15} aria-hidden />}
              loading={tried.isPending}
              onClick={() => tried.mutate({ body: mailboxOf(draft) })}
            >
              {names.try}
            </Button>
            {tried.data && <Checks examination={tried.data} />}
          </div>
        )}
        <Choices
          draft={draft}
          isNew={!source}
          known={tried.data?.folders.map(({ path }) => path) ?? []}
          set={set}
          error={errors.of}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={create.isPending || change.isPending}>
            {source ? names.save : names.act}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

function NeedsApp({ draft }: { draft: SourceDraft }) {
  const apps = useEndpoint(listOAuthApps, {}).data?.items
  const provider = providerOf(draft)
  if (!provider || !apps || apps.some((app) => app.provider === provider)) return null
  return <Note tone="care">{names.noApp(t.sources.apps.names[provider])}</Note>
}

interface ChoicesProps {
  readonly draft: SourceDraft
  readonly isNew: boolean
  /** Folders that a try found. */
  readonly known: readonly string[]
  readonly set: (change: Partial<SourceDraft>) => void
  readonly error: (pointer: string) => string | undefined
}

/** What is read, where it goes, and what happens to it on its server. */
function Choices({ draft, isNew, known, set, error }: ChoicesProps) {
  const inboxes = useEndpoint(listInboxes, {}).data?.items ?? []
  const { protocol, folders, inbox, begin, afterwards, moveTo } = draft
  const hasMailbox = isMailbox(draft)
  const possible = AFTERWARDS.filter((each) => protocol === 'imap' || each === 'leave' || each === 'delete')
  return (
    <>
      {hasMailbox && protocol === 'imap' && (
        <TagsInput
          label={names.folders}
          description={names.foldersHint}
          data={[...known]}
          value={[...folders]}
          error={error('/folders')}
          maxTags={20}
          onChange={(chosen) => set({ folders: chosen })}
        />
      )}
      <FormRow half>
        <Select
          label={names.inbox}
          value={inbox}
          allowDeselect={false}
          data={[{ value: '', label: t.sources.byAddress }, ...inboxes.map(({ id, name }) => ({ value: id, label: name }))]}
          onChange={(value) => set({ inbox: value ?? '' })}
        />
        {isNew && hasMailbox && (
          <Select
            label={names.begin}
            value={begin}
            allowDeselect={false}
            data={BEGINNINGS.map((value) => ({ value, label: names.begins[value] }))}
            onChange={(value) => set({ begin: BEGINNINGS.find((each) => each === value) ?? 'new' })}
          />
        )}
      </FormRow>
      {hasMailbox && (
        <FormRow half>
          <Select
            label={names.afterwards}
            value={afterwards}
            error={error('/afterwards')}
            allowDeselect={false}
            data={possible.map((value) => ({ value, label: names.afterwardsChoices[value] }))}
            onChange={(value) => set({ afterwards: AFTERWARDS.find((each) => each === value) ?? 'leave' })}
          />
          {afterwards === 'move' && (
            <TextInput
              label={names.moveTo}
              value={moveTo}
              error={error('/move_to')}
              required
              onChange={(event) => set({ moveTo: event.currentTarget.value })}
            />
          )}
        </FormRow>
      )}
    </>
  )
}
