import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';

import { Button } from './button';

test('a button that becomes busy keeps the focus and is not pressed again', async () => {
  const press = vi.fn();
  const { rerender } = render(<Button onClick={press}>Save</Button>);
  const button = screen.getByRole('button', { name: 'Save' });
  await userEvent.click(button);

  rerender(
    <Button busy onClick={press}>
      Save
    </Button>,
  );
  await userEvent.click(button);

  expect(button).toHaveFocus();
  expect(button).not.toHaveAttribute('disabled');
  expect(button).toHaveAttribute('aria-disabled', 'true');
  expect(button).toHaveAttribute('aria-busy', 'true');
  expect(press).toHaveBeenCalledOnce();
});

test('a form whose button is busy is not sent again, not even by Enter', async () => {
  const send = vi.fn();
  render(
    <form onSubmit={send}>
      <input aria-label="Title" />
      <Button type="submit" busy disabled>
        Add
      </Button>
    </form>,
  );

  await userEvent.type(screen.getByRole('textbox'), 'Heat{Enter}');
  await userEvent.click(screen.getByRole('button'));

  expect(send).not.toHaveBeenCalled();
  expect(screen.getByRole('button')).not.toHaveAttribute('disabled');
});
