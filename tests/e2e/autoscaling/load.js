// VUS requests are in flight at any time; THINK (seconds, at most) between two of one user makes the number waver.
import http from 'k6/http';
import { sleep } from 'k6';

export const options = { vus: Number(__ENV.VUS), duration: '1h', noConnectionReuse: true, discardResponseBodies: true };

const body = JSON.stringify({ model: __ENV.MODEL, messages: [{ role: 'user', content: 'Summarise this file.' }], max_tokens: 1 });

export default function () {
  const response = http.post(`${__ENV.URL}/v1/chat/completions`, body, { headers: { 'Content-Type': 'application/json' } });
  sleep(response.status === 200 ? Math.random() * Number(__ENV.THINK) : 1);
}
