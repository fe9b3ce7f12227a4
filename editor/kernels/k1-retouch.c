/* Kernels of the retouching tools: clone, dodge and burn, heal, smudge, red eye, liquify. See k1.c. */
#include "k1/base.h"
#include "k1/over.h"
#include "k1/retouch.c"
#include "k1/smudge.c"
#include "k1/heal.c"
#include "k1/liquify.c"
