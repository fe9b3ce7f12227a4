/* Kernels that work on areas: filters, resampling, warps and meshes, erasing without a model, quick selection. See k1.c. */
#include "k1/base.h"
#include "k1/filter.c"
#include "k1/resample.c"
#include "k1/mesh.c"
#include "k1/erase.c"
#include "k1/quick.c"
#include "k1/rough.c"
