import { Button } from '@mantine/core'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { BookOpen, FileJson, Plus } from 'lucide-react'
import { useState } from 'react'
import { type ApiKey, listApiKeys, revokeApiKey } from '../../src/api/endpoints/keys.ts'
import { CredentialsSection } from '../credentials/credentials-section.tsx'
import { useMe, whyNot } from '../me.ts'
import { NoKey } from '../parts/pictures.tsx'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ago } from '../ui/format.ts'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Raw } from '../ui/raw.tsx'
import { Rows } from '../ui/rows.tsx'
import { Ago, useNow } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import { CreateKey } from './create-key.tsx'
import styles from './developers-page.module.css'

const route = getRouteApi('/shell/developers')

export function DevelopersPage() {
  const me = useMe()
  const navigate = useNavigate()
  const { create = false } = route.useSearch()
  // Only until the page is left: the server shows a key once, and so do we.
  const [newKey, setNewKey] = useState<string | null>(null)
  const mayNot = whyNot(me, 'keys.manage')
  const open = (isOpen: boolean) => void navigate({ to: '/developers', search: isOpen ? { create: true } : {}, replace: true })
  return (
    <Page title={t.developers.title} lead={t.developers.lead} shape="narrow">
      <div className={styles.sections}>
        <section aria-labelledby="keys">
          <div className={styles.sectionHead}>
            <h2 id="keys" className={styles.sectionTitle}>
              {t.developers.keys}
            </h2>
            <ActButton leftSection={<Plus size={15} aria-hidden />} because={mayNot} onClick={() => open(true)}>
              {t.developers.create}
            </ActButton>
          </div>
          {mayNot === null && <Keys onCreate={() => open(true)} />}
        </section>
        <CredentialsSection because={mayNot} />
        <Example apiKey={newKey} from={me.user?.email ?? 'me@example.com'} />
      </div>
      {create && mayNot === null && <CreateKey onClose={() => open(false)} onCreated={setNewKey} />}
    </Page>
  )
}

function Keys({ onCreate }: { onCreate: () => void }) {
  const query = useEndpoint(listApiKeys, {})
  const names = t.developers.columns
  return (
    <Loadable query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <EmptyState
            picture={<NoKey />}
            title={t.developers.emptyTitle}
            sentence={t.developers.empty}
            act={
              <Button variant="default" onClick={onCreate}>
                {t.developers.create}
              </Button>
            }
          />
        ) : (
          <Rows
            label={t.developers.keys}
            rows={items}
            keyOf={({ id }) => id}
            columns={[
              { key: 'name', header: names.name, cell: ({ name }) => <span className={styles.name}>{name}</span> },
              { key: 'key', header: names.key, cell: ({ prefix }) => <code>{prefix}…</code> },
              {
                key: 'scope',
                header: names.scope,
                cell: ({ scopes }) => scopes.map((scope) => t.developers.scopes[scope]).join(', '),
              },
              {
                key: 'used',
                header: names.used,
                cell: ({ last_used_at }) => (last_used_at ? <Ago at={last_used_at} /> : t.developers.never),
              },
              { key: 'expires', header: names.expires, cell: ({ expires_at }) => <Ends at={expires_at} /> },
              { key: 'acts', header: t.common.acts, isHidden: true, end: true, cell: (key) => <Revoke apiKey={key} /> },
            ]}
          />
        )
      }
    </Loadable>
  )
}

function Ends({ at }: { at: Date | null }) {
  const now = useNow()
  if (!at) return <span className={styles.quiet}>{t.developers.expiresNever}</span>
  return at > now ? <Ago at={at} /> : <span>{t.developers.expired}</span>
}

function Revoke({ apiKey: { id, name, last_used_at } }: { apiKey: ApiKey }) {
  const ask = useAsk()
  const revoke = useAction(revokeApiKey, { changes: [listApiKeys], onDone: () => toast('good', t.developers.revoked(name)) })
  async function run() {
    const used = last_used_at ? ago(last_used_at, new Date()) : null
    const { revokeTitle, revokeBody, revoke: act } = t.developers
    if (await ask({ title: revokeTitle(name), body: revokeBody(used), act, danger: true })) revoke.mutate({ params: { id } })
  }
  return (
    <ActButton
      label={`${t.developers.revoke}: ${name}`}
      size="compact-sm"
      variant="default"
      loading={revoke.isPending}
      onClick={() => void run()}
    >
      {t.developers.revoke}
    </ActButton>
  )
}

/** A request that works when it is pasted: this server's address, and the key that was just made. */
function Example({ apiKey, from }: { apiKey: string | null; from: string }) {
  const body = JSON.stringify({ from, to: from, subject: 'Hello from Waybill', text: 'It works.' }, null, 2)
  const example = `curl ${window.location.origin}/v1/messages \\
  -H 'Authorization: Bearer ${apiKey ?? t.developers.yourKey}' \\
  -H 'Content-Type: application/json' \\
  -d '${body.replaceAll("'", "'\\''")}'`
  return (
    <section aria-labelledby="first">
      <h2 id="first" className={styles.sectionTitle}>
        {t.developers.first}
      </h2>
      <p className={styles.lead}>
        {t.developers.firstLead} {apiKey && t.developers.forKey}
      </p>
      <Raw text={example} label={t.developers.example} copyLabel={t.developers.copyExample} />
      <div className={styles.links}>
        <a href="/docs">
          <BookOpen size={15} aria-hidden /> {t.developers.docs}
        </a>
        <a href="/openapi.json">
          <FileJson size={15} aria-hidden /> {t.developers.openapi}
        </a>
      </div>
    </section>
  )
}
