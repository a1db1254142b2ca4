/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_STDBOOL_H
#define KPI_STDBOOL_H

/* C's bool. */

#ifndef __cplusplus
#define bool _Bool
#define true 1
#define false 0
#endif
#define __bool_true_false_are_defined 1

#endif
