import { render, screen, waitForElementToBeRemoved } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';

import { Tooltip } from './tooltip';

function setUp({ opensOnPress = false } = {}) {
  const onClick = vi.fn();
  render(
    <Tooltip text="What it is" opensOnPress={opensOnPress}>
      <button type="button" onClick={onClick}>
        Thing
      </button>
    </Tooltip>,
  );
  return { user: userEvent.setup(), thing: screen.getByRole('button'), onClick };
}

test('The text comes when the pointer rests, stays while it rests on the text, and goes with it', async () => {
  const { user, thing } = setUp();
  await user.hover(thing);
  const text = await screen.findByRole('tooltip');
  await user.hover(text);
  expect(thing).toHaveAccessibleDescription('What it is');
  await user.unhover(text);
  await waitForElementToBeRemoved(text);
  expect(thing).not.toHaveAccessibleDescription();
});

test('The text comes with the focus at once, and Escape takes it away', async () => {
  const { user, thing } = setUp();
  await user.tab();
  expect(thing).toHaveFocus();
  expect(screen.getByRole('tooltip')).toHaveTextContent('What it is');
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('tooltip')).not.toBeInTheDocument();
});

test('The text goes with the focus', async () => {
  const { user } = setUp();
  await user.tab();
  await user.tab();
  expect(screen.queryByRole('tooltip')).not.toBeInTheDocument();
});

test('A press does what the button does, and takes the text away', async () => {
  const { user, thing, onClick } = setUp();
  await user.hover(thing);
  await screen.findByRole('tooltip');
  await user.click(thing);
  expect(onClick).toHaveBeenCalledOnce();
  expect(screen.queryByRole('tooltip')).not.toBeInTheDocument();
});

test('Where a press does nothing else, it opens the text', async () => {
  const { user, thing } = setUp({ opensOnPress: true });
  await user.pointer({ target: thing, keys: '[TouchA]' });
  expect(screen.getByRole('tooltip')).toHaveTextContent('What it is');
});

test('Scrolling takes the text away', async () => {
  const { user } = setUp();
  await user.tab();
  const text = screen.getByRole('tooltip');
  const gone = waitForElementToBeRemoved(text);
  document.dispatchEvent(new Event('scroll'));
  await gone;
});
