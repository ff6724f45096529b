import { Button, Checkbox, Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Inbox } from '../../src/api/endpoints/inboxes.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import styles from './inboxes.module.css'
import { SectionForm } from './section-form.tsx'
import { useSection } from './use-section.ts'

/** Deliver-to and may-send are two settings of an address. */
export function AddressesSection({ inbox }: { inbox: Inbox }) {
  const section = useSection(inbox, ['addresses', 'plus_address'])
  const { draft, set, errors } = section
  const [address, setAddress] = useState('')
  const change = (addresses: Inbox['addresses']) => set({ addresses })
  function add() {
    const wanted = address.trim().toLowerCase()
    if (wanted !== '' && !draft.addresses.some((one) => one.address === wanted))
      change([...draft.addresses, { address: wanted, may_send: false }])
    setAddress('')
  }
  const problems = [errors.of('/addresses'), ...draft.addresses.map((_, i) => errors.of(`/addresses/${i}/address`))]
  return (
    <SectionForm title={t.inboxes.addresses} section={section}>
      <p className={styles.lead}>{t.inboxes.addressesLead}</p>
      <ul className={styles.addresses}>
        {draft.addresses.map((one) => (
          <li key={one.address}>
            <span className={styles.clip}>{one.address}</span>
            {one.address === inbox.address ? (
              <span className={styles.quiet}>{t.inboxes.own}</span>
            ) : (
              <>
                <Checkbox
                  label={t.inboxes.maySend}
                  aria-label={t.inboxes.maySendOf(one.address)}
                  checked={one.may_send}
                  onChange={(event) => {
                    const { checked } = event.currentTarget
                    change(draft.addresses.map((other) => (other === one ? { ...one, may_send: checked } : other)))
                  }}
                />
                <ActButton
                  size="compact-sm"
                  variant="default"
                  label={t.inboxes.removeAddress(one.address)}
                  onClick={() => change(draft.addresses.filter((other) => other !== one))}
                >
                  {t.inboxes.remove}
                </ActButton>
              </>
            )}
          </li>
        ))}
      </ul>
      <div className={styles.add}>
        <TextInput
          type="email"
          label={t.inboxes.anotherAddress}
          value={address}
          error={problems.find((problem) => problem !== undefined)}
          onChange={(event) => setAddress(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return
            event.preventDefault()
            add()
          }}
        />
        <Button variant="default" onClick={add}>
          {t.inboxes.addAddress}
        </Button>
      </div>
      <Switch
        label={t.inboxes.plus}
        description={t.inboxes.plusHint(inbox.address)}
        checked={draft.plus_address}
        onChange={(event) => set({ plus_address: event.currentTarget.checked })}
      />
    </SectionForm>
  )
}
