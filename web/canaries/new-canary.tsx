import { Button, NumberInput, PasswordInput, Select, Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import { createCanary, listCanaries } from '../../src/api/endpoints/canaries.ts'
import { createMailbox, listMailboxes } from '../../src/api/endpoints/mailboxes.ts'
import { listRoutes } from '../../src/api/endpoints/routes.ts'
import type { Id } from '../../src/lib/ids.ts'
import { call, Problem } from '../api.ts'
import { useMe } from '../me.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs, FormRow } from '../ui/form.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './canaries.module.css'

const NEW = 'new'
const MAILBOX_POINTERS = ['/address', '/host', '/port', '/username', '/password', '/name']
const CANARY_POINTERS = ['/receiver', '/sender', '/route_ids', '/interval_seconds']

const EMPTY = {
  name: '',
  receiver: '',
  mailbox: NEW,
  address: '',
  host: '',
  port: 993,
  username: '',
  password: '',
  allowPrivate: false,
  sender: '',
  routes: [] as string[],
  minutes: 10,
}
type Draft = typeof EMPTY

/** A mailbox and a canary that looks into it, in one form: neither is of use alone. */
export function NewCanary({ onClose }: { onClose: () => void }) {
  const me = useMe()
  const [draft, setDraft] = useState<Draft>({ ...EMPTY, sender: me.user?.email ?? '' })
  const [refusedMailbox, setRefusedMailbox] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }))
  const create = useAction(createCanary, {
    quiet: true,
    changes: [listCanaries, listMailboxes],
    onDone: ({ name }) => {
      toast('good', t.canaries.added(name))
      onClose()
    },
  })
  const mailboxErrors = errorsFor(refusedMailbox, MAILBOX_POINTERS)
  const errors = errorsFor(create.error, CANARY_POINTERS)

  async function submit() {
    setBusy(true)
    setRefusedMailbox(null)
    try {
      const mailbox = draft.mailbox === NEW ? (await call(createMailbox, { body: mailboxOf(draft) })).id : draft.mailbox
      // Should the canary be refused, its mailbox is there already and is not made twice.
      set({ mailbox })
      create.mutate({ body: canaryOf(draft, mailbox as Id<'mailbox'>) })
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      setRefusedMailbox(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog title={t.canaries.form.title} onClose={onClose} wide>
      <Form problem={mailboxErrors.rest ?? errors.rest} onSubmit={() => void submit()}>
        <p>{t.canaries.form.lead}</p>
        <FormRow half>
          <TextInput
            label={t.canaries.form.name}
            value={draft.name}
            error={mailboxErrors.of('/name')}
            data-autofocus
            required
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <TextInput
            label={t.canaries.form.receiver}
            description={t.canaries.form.receiverHint}
            value={draft.receiver}
            error={errors.of('/receiver')}
            required
            onChange={(event) => set({ receiver: event.currentTarget.value })}
          />
        </FormRow>
        <MailboxFields draft={draft} set={set} error={mailboxErrors.of} />
        <TextInput
          label={t.canaries.form.sender}
          description={t.canaries.form.senderHint}
          value={draft.sender}
          error={errors.of('/sender')}
          required
          onChange={(event) => set({ sender: event.currentTarget.value })}
        />
        <Routes chosen={draft.routes} error={errors.of('/route_ids')} onChange={(chosen) => set({ routes: chosen })} />
        <NumberInput
          label={t.canaries.form.interval}
          value={draft.minutes}
          min={1}
          max={1_440}
          allowDecimal={false}
          onChange={(value) => set({ minutes: Number(value) || 10 })}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={busy || create.isPending}>
            {t.canaries.form.act}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

interface RoutesProps {
  readonly chosen: readonly string[]
  readonly error: string | undefined
  readonly onChange: (chosen: string[]) => void
}

/** The sandbox keeps what it is given: nothing would ever arrive through it. */
function Routes({ chosen, error, onChange }: RoutesProps) {
  const routes = useEndpoint(listRoutes, {}).data?.items.filter(({ kind }) => kind !== 'sandbox') ?? []
  return (
    <fieldset className={styles.routes}>
      <legend>{t.canaries.form.routes}</legend>
      <p className={styles.quiet}>{routes.length === 0 ? t.canaries.form.noRoutes : t.canaries.form.routesHint}</p>
      {routes.map(({ id, name }) => (
        <Switch
          key={id}
          label={name}
          checked={chosen.includes(id)}
          onChange={(event) => onChange(event.currentTarget.checked ? [...chosen, id] : chosen.filter((each) => each !== id))}
        />
      ))}
      {error && (
        <p className={styles.refused} role="alert">
          {error}
        </p>
      )}
    </fieldset>
  )
}

interface MailboxProps {
  readonly draft: Draft
  readonly set: (change: Partial<Draft>) => void
  readonly error: (pointer: string) => string | undefined
}

function MailboxFields({ draft, set, error }: MailboxProps) {
  const known = (useEndpoint(listMailboxes, {}).data?.items ?? []).filter(({ source_id }) => source_id === null)
  return (
    <>
      {known.length > 0 && (
        <Select
          label={t.canaries.form.mailbox}
          value={draft.mailbox}
          allowDeselect={false}
          data={[
            { value: NEW, label: t.canaries.form.newMailbox },
            ...known.map(({ id, name, address }) => ({ value: id, label: `${name} (${address})` })),
          ]}
          onChange={(mailbox) => set({ mailbox: mailbox ?? NEW })}
        />
      )}
      {draft.mailbox === NEW && (
        <>
          <TextInput
            label={t.canaries.form.address}
            value={draft.address}
            error={error('/address')}
            type="email"
            required
            onChange={(event) => set({ address: event.currentTarget.value })}
          />
          <FormRow>
            <TextInput
              label={t.canaries.form.host}
              value={draft.host}
              error={error('/host')}
              spellCheck={false}
              required
              onChange={(event) => set({ host: event.currentTarget.value })}
            />
            <NumberInput
              label={t.canaries.form.port}
              value={draft.port}
              error={error('/port')}
              min={1}
              max={65_535}
              hideControls
              allowDecimal={false}
              onChange={(port) => set({ port: Number(port) || 993 })}
            />
          </FormRow>
          <FormRow half>
            <TextInput
              label={t.canaries.form.username}
              value={draft.username}
              error={error('/username')}
              autoComplete="off"
              spellCheck={false}
              required
              onChange={(event) => set({ username: event.currentTarget.value })}
            />
            <PasswordInput
              label={t.canaries.form.password}
              value={draft.password}
              error={error('/password')}
              autoComplete="new-password"
              visibilityToggleButtonProps={{ 'aria-label': t.fields.showPassword }}
              required
              onChange={(event) => set({ password: event.currentTarget.value })}
            />
          </FormRow>
          <Switch
            label={t.canaries.form.allowPrivate}
            checked={draft.allowPrivate}
            onChange={(event) => set({ allowPrivate: event.currentTarget.checked })}
          />
        </>
      )}
    </>
  )
}

/** Encrypted from the first byte, but on IMAP's old port. */
function mailboxOf({ name, address, host, port, username, password, allowPrivate }: Draft) {
  return {
    name: name.trim(),
    address: address.trim(),
    host: host.trim(),
    port,
    username: username.trim(),
    password,
    security: port === 143 ? ('starttls' as const) : ('tls' as const),
    allow_private: allowPrivate,
  }
}

function canaryOf({ name, receiver, sender, routes, minutes }: Draft, mailbox: Id<'mailbox'>) {
  return {
    name: name.trim(),
    receiver: receiver.trim().toLowerCase(),
    mailbox_id: mailbox,
    sender: sender.trim(),
    route_ids: routes,
    interval_seconds: minutes * 60,
  }
}
