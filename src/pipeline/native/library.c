/* What the library says of itself. */

#include "leadlight.h"

/* The digest of the C files it was built from, as hexadecimal text. */
LEADLIGHT_EXPORT const char *leadlight_digest(void) {
    return LEADLIGHT_DIGEST;
}
