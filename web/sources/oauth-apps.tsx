import { Button, PasswordInput, Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import { listOAuthApps, listSources, type OAuthApp, removeOAuthApp, setOAuthApp } from '../../src/api/endpoints/sources.ts'
import { OAUTH_PROVIDERS, type OAuthProvider } from '../../src/mailboxes/mailbox.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { wholeDay } from '../ui/format.ts'
import { Panel } from '../ui/panel.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './sources.module.css'

const names = t.sources.apps

/** Our applications at Microsoft and Google: who may ask people to let us into their mailboxes. */
export function OAuthApps() {
  const because = whyNot(useMe(), 'inboxes.manage')
  const [editing, setEditing] = useState<OAuthProvider | null>(null)
  const { data } = useEndpoint(listOAuthApps, {})
  const remove = useAction(removeOAuthApp, { changes: [listOAuthApps] })
  if (!data) return null
  const appOf = (provider: OAuthProvider) => data.items.find((app) => app.provider === provider) ?? null
  return (
    <Panel title={names.title}>
      <div className={styles.apps}>
        <p className={styles.quiet}>{names.lead}</p>
        <span className={styles.uri}>
          {data.redirect_uri} <CopyButton text={data.redirect_uri} label={names.copy} />
        </span>
        {OAUTH_PROVIDERS.map((provider) => {
          const app = appOf(provider)
          const name = names.names[provider]
          return (
            <div key={provider} className={styles.app}>
              <span className={styles.lines}>
                <span>{name}</span>
                <span className={styles.quiet}>{app ? told(app) : names.none}</span>
              </span>
              <ActButton
                size="compact-sm"
                variant="default"
                because={because}
                label={`${app ? names.renew : names.register}: ${name}`}
                onClick={() => setEditing(provider)}
              >
                {app ? names.renew : names.register}
              </ActButton>
              {app && (
                <ActButton
                  size="compact-sm"
                  variant="default"
                  because={because}
                  label={`${names.remove}: ${name}`}
                  loading={remove.isPending}
                  onClick={() => remove.mutate({ params: { provider } })}
                >
                  {names.remove}
                </ActButton>
              )}
            </div>
          )
        })}
      </div>
      {editing && <AppForm provider={editing} app={appOf(editing)} onClose={() => setEditing(null)} />}
    </Panel>
  )
}

function told({ provider, client_id, tenant, client_secret_ends_on: ends, in_testing }: OAuthApp): string {
  return [client_id, provider === 'microsoft' && tenant, ends && names.secretUntil(wholeDay(ends)), in_testing && names.testing]
    .filter(Boolean)
    .join(', ')
}

export function AppForm({ provider, app, onClose }: { provider: OAuthProvider; app: OAuthApp | null; onClose: () => void }) {
  const [draft, setDraft] = useState({
    clientId: app?.client_id ?? '',
    clientSecret: '',
    tenant: app?.tenant ?? 'common',
    endsOn: app?.client_secret_ends_on ?? '',
    inTesting: app?.in_testing ?? false,
  })
  const set = (change: Partial<typeof draft>) => setDraft((before) => ({ ...before, ...change }))
  const save = useAction(setOAuthApp, {
    quiet: true,
    changes: [listOAuthApps, listSources],
    onDone: () => {
      toast('good', names.saved(names.names[provider]))
      onClose()
    },
  })
  const errors = errorsFor(save.error, ['/client_id', '/client_secret', '/tenant', '/client_secret_ends_on'])
  const { clientId, clientSecret, tenant, endsOn, inTesting } = draft
  const submit = () =>
    save.mutate({
      params: { provider },
      body: {
        client_id: clientId.trim(),
        ...(clientSecret !== '' && { client_secret: clientSecret }),
        client_secret_ends_on: endsOn === '' ? null : endsOn,
        ...(provider === 'microsoft' && { tenant: tenant.trim() }),
        ...(provider === 'google' && { in_testing: inTesting }),
      },
    })
  return (
    <Dialog title={names.formTitle(names.names[provider])} onClose={onClose}>
      <Form problem={errors.rest} onSubmit={submit}>
        <TextInput
          label={names.clientId}
          value={clientId}
          error={errors.of('/client_id')}
          spellCheck={false}
          data-autofocus
          required
          onChange={(event) => set({ clientId: event.currentTarget.value })}
        />
        <PasswordInput
          label={names.clientSecret}
          description={app ? names.keepSecret : undefined}
          value={clientSecret}
          error={errors.of('/client_secret')}
          autoComplete="off"
          visibilityToggleButtonProps={{ 'aria-label': t.fields.showPassword }}
          required={!app}
          onChange={(event) => {
            // Whoever enters another secret reads its own end beside it.
            const isAnother = app !== null && clientSecret === '' && endsOn === app.client_secret_ends_on
            set({ clientSecret: event.currentTarget.value, ...(isAnother && { endsOn: '' }) })
          }}
        />
        <TextInput
          type="date"
          label={names.secretEndsOn}
          description={names.secretEndsHint[provider]}
          value={endsOn}
          error={errors.of('/client_secret_ends_on')}
          onChange={(event) => set({ endsOn: event.currentTarget.value })}
        />
        {provider === 'microsoft' && (
          <TextInput
            label={names.tenant}
            description={names.tenantHint}
            value={tenant}
            error={errors.of('/tenant')}
            spellCheck={false}
            onChange={(event) => set({ tenant: event.currentTarget.value })}
          />
        )}
        {provider === 'google' && (
          <Switch
            label={names.inTesting}
            description={names.inTestingHint}
            checked={inTesting}
            onChange={(event) => set({ inTesting: event.currentTarget.checked })}
          />
        )}
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {names.save}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}
