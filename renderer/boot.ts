// Alone and first: whoever makes a schema before this is set tries to compile it, and is refused by the page's policy.
import './client/validation';

void import('./main');
