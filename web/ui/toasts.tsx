import { Button, CloseButton } from '@mantine/core'
import { CircleAlert, CircleCheck } from 'lucide-react'
import { useEffect, useSyncExternalStore } from 'react'
import { t } from '../texts/texts.ts'
import { announce } from './announce.ts'
import { useNow } from './time.tsx'
import styles from './toasts.module.css'
import { toned } from './tone.ts'

export interface Toast {
  readonly id: number
  readonly tone: 'good' | 'bad'
  readonly text: string
  readonly act?: { readonly label: string; readonly run: () => void }
  /** It stays until then and counts the seconds. */
  readonly until?: Date
}

const GOOD_MS = 5_000
const BAD_MS = 12_000
const MAX_SHOWN = 4
let shown: readonly Toast[] = []
let lastId = 0
const listeners = new Set<() => void>()

/** Says what was done, or why it was not. A failure stays longer; at most four at a time. */
export function toast(tone: Toast['tone'], text: string, act?: Toast['act'], until?: Date): void {
  const id = ++lastId
  show([...shown, { id, tone, text, ...(act && { act }), ...(until && { until }) }].slice(-MAX_SHOWN))
  announce(text)
}

function show(next: readonly Toast[]): void {
  shown = next
  for (const listener of listeners) listener()
}

function dismiss(id: number): void {
  show(shown.filter((each) => each.id !== id))
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function Toasts() {
  const all = useSyncExternalStore(subscribe, () => shown)
  return (
    <section className={styles.stack} aria-label={t.common.notices}>
      {all.map((each) => (
        <ToastCard key={each.id} toast={each} />
      ))}
    </section>
  )
}

function ToastCard({ toast: { id, tone, text, act, until } }: { toast: Toast }) {
  useEffect(() => {
    const usual = tone === 'bad' || act ? BAD_MS : GOOD_MS
    const timer = window.setTimeout(() => dismiss(id), until ? Math.max(0, until.getTime() - Date.now()) : usual)
    return () => window.clearTimeout(timer)
  }, [id, tone, act, until])
  const Icon = tone === 'bad' ? CircleAlert : CircleCheck
  return (
    <div className={styles.toast} {...toned(tone)}>
      <Icon size={16} aria-hidden />
      <div className={styles.body}>
        {text}
        {until && <SecondsLeft until={until} />}
        {act && (
          <div className={styles.undo}>
            <Button
              size="compact-sm"
              variant="light"
              onClick={() => {
                dismiss(id)
                act.run()
              }}
            >
              {act.label}
            </Button>
          </div>
        )}
      </div>
      <CloseButton size="sm" aria-label={t.common.dismiss} onClick={() => dismiss(id)} />
    </div>
  )
}

function SecondsLeft({ until }: { until: Date }) {
  const seconds = Math.max(0, Math.ceil((until.getTime() - useNow().getTime()) / 1_000))
  return <span aria-hidden> ({t.common.seconds(seconds)})</span>
}
