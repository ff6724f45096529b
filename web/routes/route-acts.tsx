import { Button, Menu, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { ChevronDown, RotateCw, Send, Star, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { listDeliveries } from '../../src/api/endpoints/deliveries.ts'
import { getQueues } from '../../src/api/endpoints/overview.ts'
import {
  getRoute,
  listRoutes,
  makeDefaultRoute,
  probeRoute,
  type Route,
  removeRoute,
  testRoute,
} from '../../src/api/endpoints/routes.ts'
import type { ReplyOf } from '../api.ts'
import { useMe, whyNot } from '../me.ts'
import { keyOf, useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { toast } from '../ui/toasts.tsx'

const CHANGES = [getRoute, listRoutes, getQueues]

export function RouteActs({ route }: { route: Route }) {
  const me = useMe()
  const [testing, setTesting] = useState(false)
  const probe = useAction(probeRoute, { changes: CHANGES, onDone: () => toast('good', t.routes.probed) })
  const because = whyNot(me, 'routes.manage')
  const isStopped = route.circuit.state === 'open'
  return (
    <>
      {isStopped && (
        <ActButton
          leftSection={<RotateCw size={15} aria-hidden />}
          hint={t.routes.probeHint}
          because={because}
          loading={probe.isPending}
          onClick={() => probe.mutate({ params: { id: route.id } })}
        >
          {t.routes.probe}
        </ActButton>
      )}
      <ActButton
        variant="default"
        leftSection={<Send size={15} aria-hidden />}
        because={because}
        onClick={() => setTesting(true)}
      >
        {t.routes.test}
      </ActButton>
      {because === null && <MoreActs route={route} />}
      {testing && <TestDialog route={route} onClose={() => setTesting(false)} />}
    </>
  )
}

function MoreActs({ route }: { route: Route }) {
  const ask = useAsk()
  const navigate = useNavigate()
  const client = useQueryClient()
  const routes = useEndpoint(listRoutes, {})
  const makeDefault = useAction(makeDefaultRoute, {
    changes: CHANGES,
    onDone: () => toast('good', t.routes.madeDefault(route.name)),
  })
  const remove = useAction(removeRoute, {
    changes: [listRoutes, getQueues],
    onDone: () => {
      // Gone from the list that is shown next, before it is asked for again.
      client.setQueryData<ReplyOf<typeof listRoutes>>(
        keyOf(listRoutes, {}),
        (old) => old && { ...old, items: old.items.filter(({ id }) => id !== route.id) },
      )
      toast('good', t.routes.removed(route.name))
      void navigate({ to: '/routes' })
    },
  })
  const params = { id: route.id }
  async function askDefault() {
    const waiting = routes.data?.items.find(({ is_default }) => is_default)?.waiting ?? 0
    const body = t.routes.makeDefaultBody(route.name, waiting)
    if (await ask({ title: t.routes.makeDefaultTitle(route.name), body, act: t.routes.makeDefault }))
      makeDefault.mutate({ params })
  }
  async function askRemove() {
    const body = t.routes.removeBody(route.waiting)
    if (await ask({ title: t.routes.removeTitle(route.name), body, act: t.routes.remove, danger: true }))
      remove.mutate({ params })
  }
  return (
    <Menu position="bottom-end" width={260} shadow="md">
      <Menu.Target>
        <Button variant="default" rightSection={<ChevronDown size={14} aria-hidden />}>
          {t.common.more}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Star size={15} aria-hidden />} disabled={route.is_default} onClick={() => void askDefault()}>
          {route.is_default ? t.routes.isDefaultHint : t.routes.makeDefault}
        </Menu.Item>
        <Menu.Item
          leftSection={<Trash2 size={15} aria-hidden />}
          {...(!route.is_default && { color: 'red' })}
          disabled={route.is_default}
          onClick={() => void askRemove()}
        >
          {route.is_default ? t.routes.removeDefault : t.routes.remove}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

/** Sends a real message and goes straight to its waybill. */
function TestDialog({ route, onClose }: { route: Route; onClose: () => void }) {
  const me = useMe()
  const navigate = useNavigate()
  const [to, setTo] = useState(me.user?.email ?? '')
  const send = useAction(testRoute, {
    quiet: true,
    changes: [listDeliveries, getQueues],
    onDone: ({ message_id }) => void navigate({ to: '/messages/$id', params: { id: message_id }, search: {} }),
  })
  const errors = errorsFor(send.error, ['/to'])
  return (
    <Dialog title={t.routes.testTitle(route.name)} onClose={onClose}>
      <Form onSubmit={() => send.mutate({ params: { id: route.id }, body: { to: to.trim() } })} problem={errors.rest}>
        <TextInput
          type="email"
          label={t.routes.testTo}
          description={t.routes.testLead}
          value={to}
          error={errors.of('/to')}
          data-autofocus
          required
          onChange={(event) => setTo(event.currentTarget.value)}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={send.isPending}>
            {t.routes.testAct}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}
