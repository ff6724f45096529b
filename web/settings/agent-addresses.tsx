import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { addAgentAddress, listAgents, removeAgentAddress } from '../../src/api/endpoints/teams.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Panel } from '../ui/panel.tsx'
import styles from './account-page.module.css'

/** Where else somebody answers notifications from. */
export function AgentAddresses({ id }: { id: Id<'user'> }) {
  const query = useEndpoint(listAgents, {})
  const [address, setAddress] = useState('')
  const changes = [listAgents]
  const add = useAction(addAgentAddress, { quiet: true, changes, onDone: () => setAddress('') })
  const remove = useAction(removeAgentAddress, { changes })
  const errors = errorsFor(add.error, ['/address'])
  return (
    <Panel title={t.agentAddresses.title}>
      <p className={styles.lead}>{t.agentAddresses.lead}</p>
      <Loadable query={query}>
        {({ items }) => {
          const addresses = items.find((agent) => agent.id === id)?.addresses ?? []
          if (addresses.length === 0) return <p className={styles.quiet}>{t.agentAddresses.none}</p>
          return (
            <ul>
              {addresses.map((one) => (
                <li key={one} className={styles.session}>
                  <span className={styles.name}>{one}</span>
                  <ActButton
                    size="compact-sm"
                    variant="default"
                    label={t.agentAddresses.remove(one)}
                    loading={remove.isPending}
                    onClick={() => remove.mutate({ params: { id, address: one } })}
                  >
                    {t.inboxes.remove}
                  </ActButton>
                </li>
              ))}
            </ul>
          )
        }}
      </Loadable>
      <Form onSubmit={() => add.mutate({ params: { id }, body: { address: address.trim() } })} problem={errors.rest}>
        <TextInput
          type="email"
          label={t.agentAddresses.address}
          value={address}
          error={errors.of('/address')}
          required
          onChange={(event) => setAddress(event.currentTarget.value)}
        />
        <FormActs>
          <Button type="submit" variant="default" loading={add.isPending}>
            {t.agentAddresses.add}
          </Button>
        </FormActs>
      </Form>
    </Panel>
  )
}
