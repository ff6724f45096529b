import {
  changeSource,
  connectSource,
  fetchSource,
  listSources,
  removeSource,
  type Source,
} from '../../src/api/endpoints/sources.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './sources.module.css'

interface Props {
  readonly source: Source
  readonly because: string | null
  readonly isChecking: boolean
  readonly onCheck: () => void
  readonly onChange: () => void
}

const changes = [listSources]

export function SourceActs({ source, because, isChecking, onCheck, onChange }: Props) {
  const { id, name, enabled, kind } = source
  const params = { id }
  const ask = useAsk()
  const fetching = useAction(fetchSource, { changes, onDone: () => toast('good', t.sources.asked(name)) })
  const recount = useAction(fetchSource, { changes, onDone: () => toast('good', t.sources.counting(name)) })
  const change = useAction(changeSource, { changes, onDone: () => toast('good', t.sources.changed(name)) })
  const remove = useAction(removeSource, { changes, onDone: () => toast('good', t.sources.removed(name)) })
  async function onRemove() {
    const isSure = await ask({
      title: t.sources.removeTitle(name),
      body: t.sources.removeBody,
      act: t.sources.remove,
      danger: true,
    })
    if (isSure) remove.mutate({ params })
  }
  const common = { size: 'compact-sm', variant: 'default', because } as const
  const act = (verb: string, loading: boolean, onClick: () => void, hint?: string) => (
    <ActButton {...common} label={`${verb}: ${name}`} hint={hint} loading={loading} onClick={onClick}>
      {verb}
    </ActButton>
  )
  return (
    <div className={styles.acts}>
      {enabled && kind !== 'ses' && act(t.sources.fetchNow, fetching.isPending, () => fetching.mutate({ params, body: {} }))}
      {kind === 'mailbox' && act(t.sources.check, isChecking, onCheck)}
      {enabled &&
        kind === 'mailbox' &&
        act(
          t.sources.recount,
          recount.isPending,
          () => recount.mutate({ params, body: { recount: true } }),
          t.sources.recountHint,
        )}
      {act(t.sources.change, false, onChange)}
      {act(enabled ? t.sources.pause : t.sources.resume, change.isPending, () =>
        change.mutate({ params, body: { enabled: !enabled } }),
      )}
      {act(t.sources.remove, remove.isPending, () => void onRemove())}
    </div>
  )
}

/** Leads to the provider, where a person agrees; it sends the browser back to us. */
export function ConnectButton({ source, because }: { source: Source; because: string | null }) {
  const connect = useAction(connectSource, { onDone: ({ url }) => window.location.assign(url) })
  return (
    <ActButton
      size="compact-sm"
      because={because}
      loading={connect.isPending}
      onClick={() => connect.mutate({ params: { id: source.id } })}
    >
      {source.mailbox?.connection ? t.sources.reconnect : t.sources.connect}
    </ActButton>
  )
}
