import { Button } from '@mantine/core'
import { getRouteApi, useNavigate, useParams } from '@tanstack/react-router'
import { Trash2 } from 'lucide-react'
import { clearSandbox, listSandboxMails, type SandboxMailSummary } from '../../src/api/endpoints/sandbox.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, usePages } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import cards from '../ui/cards.module.css'
import { DataTable } from '../ui/data-table.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { TextFilter } from '../ui/filters.tsx'
import { Failed, Skeleton } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { said } from '../ui/said.ts'
import { Split } from '../ui/split.tsx'
import { Ago } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import { useMedia } from '../ui/use-media.ts'
import { EmptySandbox } from './empty-sandbox.tsx'
import { MailDetail } from './mail-detail.tsx'
import styles from './sandbox-page.module.css'

const route = getRouteApi('/shell/sandbox')

/** What the sandbox kept: the list left, one mail right, the address in the URL. */
export function SandboxPage() {
  const me = useMe()
  const { recipient } = route.useSearch()
  const { id } = useParams({ strict: false })
  const list = usePages(listSandboxMails, recipient ? { recipient } : {})
  const isNarrow = useMedia('(max-width: 900px)')
  const isEmpty = list.items.length === 0 && !list.isPending && !list.error
  return (
    <Page
      title={t.sandbox.title}
      lead={t.sandbox.lead}
      shape="filled"
      bare={isNarrow && id !== undefined}
      acts={!isEmpty && <Clear because={whyNot(me, 'delivery.manage')} />}
    >
      {isEmpty && !recipient && !id ? (
        <EmptySandbox />
      ) : (
        <Split
          list={<MailList list={list} recipient={recipient} selected={id} />}
          detail={id ? <MailDetail key={id} id={id as Id<'sandbox_mail'>} /> : null}
          placeholder={<p className={cards.choose}>{t.sandbox.choose}</p>}
        />
      )}
    </Page>
  )
}

interface ListProps {
  readonly list: ReturnType<typeof usePages<typeof listSandboxMails>>
  readonly recipient: string | undefined
  readonly selected: string | undefined
}

function MailList({ list, recipient, selected }: ListProps) {
  const navigate = useNavigate()
  const search = recipient ? { recipient } : {}
  return (
    <div className={cards.list}>
      <RecipientFilter value={recipient} />
      {list.error && list.items.length === 0 ? (
        <Failed error={list.error} retry={list.retry} />
      ) : list.isPending ? (
        <Skeleton lines={8} />
      ) : list.items.length === 0 ? (
        <EmptyState
          title={t.sandbox.nothingTitle}
          sentence={t.sandbox.nothing}
          act={
            <Button variant="default" onClick={() => void navigate({ to: '/sandbox', search: {} })}>
              {t.sandbox.clearFilter}
            </Button>
          }
        />
      ) : (
        <DataTable
          label={t.sandbox.label}
          rows={list.items}
          keyOf={(mail) => mail.id}
          columns={[]}
          cards
          card={(mail) => <MailCard mail={mail} />}
          hrefOf={(mail) => `/sandbox/${mail.id}`}
          onOpen={(mail) => void navigate({ to: '/sandbox/$id', params: { id: mail.id }, search })}
          selected={selected ?? null}
          hasMore={list.hasMore}
          isFetchingMore={list.isFetchingMore}
          more={list.more}
          dim={list.isPlaceholder}
          restoreId="sandbox"
        />
      )}
    </div>
  )
}

function MailCard({ mail }: { mail: SandboxMailSummary }) {
  return (
    <>
      <div className={cards.row}>
        <span className={`${cards.clip} ${cards.strong}`}>{mail.recipient}</span>
        <span className={cards.aside}>
          <Ago at={mail.received_at} short />
        </span>
      </div>
      <div className={cards.row}>
        <span className={`${cards.clip} ${styles.subject}`}>{mail.subject || t.activity.noSubject}</span>
      </div>
    </>
  )
}

function RecipientFilter({ value }: { value: string | undefined }) {
  const navigate = useNavigate()
  return (
    <div className={styles.filter}>
      <TextFilter
        label={t.sandbox.recipientLabel}
        placeholder={t.sandbox.recipient}
        value={value}
        set={(recipient) => void navigate({ to: '/sandbox', search: said({ recipient }) })}
      />
    </div>
  )
}

function Clear({ because }: { because: string | null }) {
  const ask = useAsk()
  const navigate = useNavigate()
  const clear = useAction(clearSandbox, {
    changes: [listSandboxMails],
    onDone: () => {
      toast('good', t.sandbox.cleared)
      void navigate({ to: '/sandbox', search: {} })
    },
  })
  async function run() {
    const { clearTitle, clearBody, clearAct } = t.sandbox
    if (await ask({ title: clearTitle, body: clearBody, act: clearAct, danger: true })) clear.mutate({})
  }
  return (
    <ActButton
      variant="default"
      leftSection={<Trash2 size={15} aria-hidden />}
      because={because}
      loading={clear.isPending}
      onClick={() => void run()}
    >
      {t.sandbox.clear(null)}
    </ActButton>
  )
}
