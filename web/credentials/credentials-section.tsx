import { Button } from '@mantine/core'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { type Credential, listCredentials, type SmtpPlace } from '../../src/api/endpoints/credentials.ts'
import { NoKey } from '../parts/pictures.tsx'
import { useEndpoint } from '../query.ts'
import sections from '../settings/developers-page.module.css'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Rows } from '../ui/rows.tsx'
import { Ago } from '../ui/time.tsx'
import { CopySettings } from './copy-settings.tsx'
import { CreateCredential } from './create-credential.tsx'
import { CredentialActs } from './credential-acts.tsx'
import styles from './credentials.module.css'

/** SMTP credentials among what developers need: the list, making one, and what to paste. */
export function CredentialsSection({ because }: { because: string | null }) {
  const [isCreating, setCreating] = useState(false)
  const query = useEndpoint(listCredentials, {}, { enabled: because === null })
  const open = () => setCreating(true)
  return (
    <section aria-labelledby="smtp">
      <div className={sections.sectionHead}>
        <h2 id="smtp" className={sections.sectionTitle}>
          {t.credentials.title}
        </h2>
        <ActButton leftSection={<Plus size={15} aria-hidden />} because={because} onClick={open}>
          {t.credentials.create}
        </ActButton>
      </div>
      <p className={styles.lead}>{t.credentials.lead}</p>
      {because === null && (
        <Loadable query={query}>
          {({ items, server }) => (
            <>
              {items.length === 0 ? (
                <EmptyState
                  picture={<NoKey />}
                  title={t.credentials.emptyTitle}
                  sentence={t.credentials.empty}
                  act={
                    <Button variant="default" onClick={open}>
                      {t.credentials.create}
                    </Button>
                  }
                />
              ) : (
                <List items={items} place={server} />
              )}
              <div className={styles.example}>
                <CopySettings
                  place={server}
                  signIn={{
                    username: items.length === 1 ? (items[0]?.username ?? '') : t.credentials.yourUsername,
                    password: t.credentials.yourPassword,
                  }}
                />
              </div>
              {isCreating && <CreateCredential place={server} onClose={() => setCreating(false)} />}
            </>
          )}
        </Loadable>
      )}
    </section>
  )
}

function List({ items, place }: { items: readonly Credential[]; place: SmtpPlace }) {
  const names = t.credentials.columns
  return (
    <Rows
      label={t.credentials.title}
      rows={items}
      keyOf={({ id }) => id}
      columns={[
        { key: 'name', header: names.name, cell: ({ name }) => <span className={styles.name}>{name}</span> },
        { key: 'username', header: names.username, cell: ({ username }) => <code>{username}</code> },
        { key: 'limits', header: names.limits, cell: (credential) => <Limits credential={credential} /> },
        {
          key: 'used',
          header: names.used,
          cell: ({ last_used_at, last_used_ip }) =>
            last_used_at ? (
              <span title={last_used_ip === null ? undefined : t.credentials.from(last_used_ip)}>
                <Ago at={last_used_at} />
              </span>
            ) : (
              <span className={styles.quiet}>{t.credentials.never}</span>
            ),
        },
        {
          key: 'acts',
          header: t.common.acts,
          isHidden: true,
          end: true,
          cell: (credential) => <CredentialActs credential={credential} place={place} />,
        },
      ]}
    />
  )
}

function Limits({ credential }: { credential: Credential }) {
  const { streams, from_domains, networks, rate_per_minute, sandbox, previous_until, expires_at } = credential
  const lines = [
    sandbox ? t.credentials.inSandbox : null,
    streams.map((stream) => t.credentials.streamNames[stream]).join(', '),
    from_domains.join(', '),
    networks.join(', '),
    rate_per_minute === null ? null : t.credentials.perMinute(rate_per_minute),
  ].filter((line) => line)
  return (
    <span className={styles.limits}>
      {lines.map((line) => (
        <span key={line}>{line}</span>
      ))}
      {expires_at && (
        <span className={styles.quiet}>
          {t.credentials.expires}: <Ago at={expires_at} />
        </span>
      )}
      {previous_until && previous_until > new Date() && (
        <span className={styles.quiet}>
          {t.credentials.oldWorksUntil} <Ago at={previous_until} />
        </span>
      )}
    </span>
  )
}
