import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Form, FormActs } from '../ui/form.tsx'

/** Where a link leads; what is no address of a page is made one. */
export function AskLink({ onDone, onClose }: { onDone: (address: string) => void; onClose: () => void }) {
  const [address, setAddress] = useState('https://')
  const whole = /^[a-z]+:/i.test(address.trim()) ? address.trim() : `https://${address.trim()}`
  return (
    <Dialog title={t.richText.linkTitle} onClose={onClose}>
      <Form onSubmit={() => onDone(whole)}>
        <TextInput
          label={t.richText.linkAddress}
          value={address}
          data-autofocus
          required
          onChange={(event) => setAddress(event.currentTarget.value)}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit">{t.richText.linkAct}</Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}
