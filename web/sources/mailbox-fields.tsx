import { NumberInput, PasswordInput, Select, Switch, TextInput } from '@mantine/core'
import { MAILBOX_PROTOCOLS, MAILBOX_SECURITIES } from '../../src/mailboxes/mailbox.ts'
import { t } from '../texts/texts.ts'
import { FormRow } from '../ui/form.tsx'
import { providerOf, type SourceDraft, withUsualPort } from './source-draft.ts'

const names = t.sources.form
const PROTOCOLS = { imap: 'IMAP', pop3: 'POP3' } as const

interface Props {
  readonly draft: SourceDraft
  readonly isNew: boolean
  readonly setDraft: (change: (before: SourceDraft) => SourceDraft) => void
  readonly error: (name: string) => string | undefined
}

/** How to reach the mailbox. A provider's servers are known, and it asks for no password. */
export function MailboxFields({ draft, isNew, setDraft, error }: Props) {
  const set = (change: Partial<SourceDraft>) => setDraft((before) => ({ ...before, ...change }))
  const provider = providerOf(draft)
  return (
    <>
      <FormRow half>
        <TextInput
          label={names.address}
          value={draft.address}
          error={error('address')}
          type="email"
          required
          onChange={(event) => set({ address: event.currentTarget.value })}
        />
        <Select
          label={names.protocol}
          value={draft.protocol}
          allowDeselect={false}
          data={MAILBOX_PROTOCOLS.map((value) => ({ value, label: PROTOCOLS[value] }))}
          onChange={(value) =>
            setDraft((before) => ({
              ...withUsualPort(before, { protocol: MAILBOX_PROTOCOLS.find((each) => each === value) ?? 'imap' }),
              folders: value === 'pop3' ? ['INBOX'] : before.folders,
            }))
          }
        />
      </FormRow>
      {!provider && <ServerFields draft={draft} set={set} setDraft={setDraft} error={error} />}
      <FormRow half>
        <TextInput
          label={names.username}
          value={draft.username}
          placeholder={draft.address}
          error={error('username')}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => set({ username: event.currentTarget.value })}
        />
        {!provider && (
          <PasswordInput
            label={names.password}
            description={isNew ? undefined : names.keepPassword}
            value={draft.password}
            error={error('password')}
            autoComplete="new-password"
            visibilityToggleButtonProps={{ 'aria-label': t.fields.showPassword }}
            required={isNew}
            onChange={(event) => set({ password: event.currentTarget.value })}
          />
        )}
      </FormRow>
    </>
  )
}

interface ServerProps extends Omit<Props, 'isNew'> {
  readonly set: (change: Partial<SourceDraft>) => void
}

function ServerFields({ draft, set, setDraft, error }: ServerProps) {
  return (
    <>
      <FormRow>
        <TextInput
          label={names.host}
          value={draft.host}
          error={error('host')}
          spellCheck={false}
          required
          onChange={(event) => set({ host: event.currentTarget.value })}
        />
        <NumberInput
          label={names.port}
          value={draft.port}
          error={error('port')}
          min={1}
          max={65_535}
          hideControls
          allowDecimal={false}
          onChange={(port) => set({ port: Number(port) || 993 })}
        />
      </FormRow>
      <Select
        label={names.security}
        value={draft.security}
        allowDeselect={false}
        data={MAILBOX_SECURITIES.map((value) => ({ value, label: names.securities[value] }))}
        onChange={(value) =>
          setDraft((before) => withUsualPort(before, { security: MAILBOX_SECURITIES.find((each) => each === value) ?? 'tls' }))
        }
      />
      <Switch
        label={names.allowPrivate}
        checked={draft.allowPrivate}
        onChange={(event) => set({ allowPrivate: event.currentTarget.checked })}
      />
    </>
  )
}
