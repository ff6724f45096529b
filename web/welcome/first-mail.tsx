import { Button, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { getMessage } from '../../src/api/endpoints/messages.ts'
import { listRoutes, type Route, testRoute } from '../../src/api/endpoints/routes.ts'
import type { Id } from '../../src/lib/ids.ts'
import { goLive } from '../live.ts'
import { DeliveryStatus } from '../parts/delivery-status.tsx'
import { StoryTimeline } from '../parts/story-timeline.tsx'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { errorsFor } from '../ui/field-errors.ts'
import { Form } from '../ui/form.tsx'
import { Loadable } from '../ui/loadable.tsx'
import styles from './frame.module.css'
import { WelcomeFrame } from './frame.tsx'

/** The set-up ends with a real message, shown on its waybill as it goes. */
export function FirstMail({ email }: { email: string }) {
  const [messageId, setMessageId] = useState<Id<'message'> | null>(null)
  const query = useEndpoint(listRoutes, {})
  const way = query.data?.items.find(({ is_default }) => is_default)
  return (
    <WelcomeFrame
      title={t.setup.testTitle}
      lead={messageId ? t.setup.sent : t.setup.testLead(way?.name ?? '…')}
      step={4}
      wide={messageId !== null}
    >
      {messageId ? (
        <Growing id={messageId} />
      ) : (
        <Loadable query={query}>{() => way && <SendTest way={way} email={email} onSent={setMessageId} />}</Loadable>
      )}
    </WelcomeFrame>
  )
}

function SendTest({ way, email, onSent }: { way: Route; email: string; onSent: (id: Id<'message'>) => void }) {
  const navigate = useNavigate()
  const [to, setTo] = useState(email)
  const send = useAction(testRoute, { quiet: true, onDone: ({ message_id }) => onSent(message_id) })
  const errors = errorsFor(send.error, ['/to'])
  return (
    <Form onSubmit={() => send.mutate({ params: { id: way.id }, body: { to: to.trim() } })} problem={errors.rest}>
      <TextInput
        type="email"
        label={t.setup.testTo}
        value={to}
        error={errors.of('/to')}
        autoFocus
        required
        onChange={(event) => setTo(event.currentTarget.value)}
      />
      <Button type="submit" loading={send.isPending} fullWidth>
        {t.setup.testAct}
      </Button>
      <Button variant="subtle" fullWidth onClick={() => void navigate({ to: '/' })}>
        {t.setup.testSkip}
      </Button>
    </Form>
  )
}

function Growing({ id }: { id: Id<'message'> }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const query = useEndpoint(getMessage, { id })
  useEffect(() => goLive(client), [client])
  return (
    <div className={styles.result}>
      <Loadable query={query}>
        {(message) =>
          message.deliveries[0] && (
            <>
              <DeliveryStatus delivery={message.deliveries[0]} withActs={false} />
              <div className={styles.story}>
                <StoryTimeline delivery={message.deliveries[0]} messageEvents={message.events} />
              </div>
            </>
          )
        }
      </Loadable>
      <Button onClick={() => void navigate({ to: '/' })}>{t.setup.finish}</Button>
    </div>
  )
}
