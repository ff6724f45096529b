import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { BellRing } from 'lucide-react'
import { useState } from 'react'
import { addPushBrowser, getPush, type PushBrowser, removePushBrowser } from '../../src/api/endpoints/notifications.ts'
import { useAction, useEndpoint } from '../query.ts'
import { agentName } from '../settings/agent-name.ts'
import { t } from '../texts/texts.ts'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { Panel } from '../ui/panel.tsx'
import { Ago } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import { endpointHere, subscribeHere, unsubscribeHere, whyNotHere } from './push.ts'
import styles from './settings-page.module.css'

/** Off until somebody asks for it: the browser's own question comes only after ours was answered. */
export function Browsers() {
  const push = useEndpoint(getPush, {})
  const here = useQuery({ queryKey: ['push-endpoint-here'], queryFn: endpointHere, staleTime: 0 })
  return (
    <Panel title={t.notificationSettings.browsers}>
      <p className={styles.lead}>{t.notificationSettings.browsersLead}</p>
      <Loadable query={push}>
        {({ browsers, public_key }) => (
          <>
            {browsers.length === 0 && <p className={styles.quiet}>{t.notificationSettings.noBrowsers}</p>}
            <ul>
              {browsers.map((browser) => (
                <li key={browser.id}>
                  <One browser={browser} isHere={browser.endpoint === here.data} onGone={() => void here.refetch()} />
                </li>
              ))}
            </ul>
            {!browsers.some(({ endpoint }) => endpoint === here.data) && (
              <TurnOn publicKey={public_key} onDone={() => void here.refetch()} />
            )}
          </>
        )}
      </Loadable>
    </Panel>
  )
}

function One({ browser, isHere, onGone }: { browser: PushBrowser; isHere: boolean; onGone: () => void }) {
  const remove = useAction(removePushBrowser, {
    changes: [getPush],
    onDone: () => {
      if (isHere) void unsubscribeHere().then(onGone)
      toast('good', t.notificationSettings.removed)
    },
  })
  const { id, browser: name, created_at, used_at, problem } = browser
  return (
    <div className={styles.browser}>
      <div>
        {name} {isHere && <span className={styles.quiet}>({t.notificationSettings.here})</span>}
        <div className={styles.quiet}>
          {used_at ? t.notificationSettings.lastTold : t.notificationSettings.since} <Ago at={used_at ?? created_at} />
        </div>
        {problem && <Note tone="care">{problem}</Note>}
      </div>
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`${t.notificationSettings.remove}: ${name}`}
        loading={remove.isPending}
        onClick={() => remove.mutate({ params: { id } })}
      >
        {t.notificationSettings.remove}
      </Button>
    </div>
  )
}

function TurnOn({ publicKey, onDone }: { publicKey: string; onDone: () => void }) {
  const [busy, setBusy] = useState(false)
  const add = useAction(addPushBrowser, {
    changes: [getPush],
    onDone: () => {
      toast('good', t.notificationSettings.turnedOn)
      onDone()
    },
  })
  const why = whyNotHere()
  async function turnOn() {
    setBusy(true)
    try {
      const given = await subscribeHere(publicKey)
      if (given) add.mutate({ body: { ...given, browser: agentName(navigator.userAgent) } })
    } catch (error) {
      toast('bad', t.notificationSettings.failed(error instanceof Error ? error.message : String(error)))
    } finally {
      setBusy(false)
    }
  }
  if (why) return <Note tone="calm">{t.notificationSettings[why]}</Note>
  return (
    <div className={styles.turnOn}>
      <Button
        variant="default"
        leftSection={<BellRing size={15} aria-hidden />}
        loading={busy || add.isPending}
        onClick={() => void turnOn()}
      >
        {t.notificationSettings.turnOn}
      </Button>
      <span className={styles.quiet}>{t.notificationSettings.turnOnLead}</span>
    </div>
  )
}
