"""Which functions from outside students' code may call: what computes, stores and prints.

What else the reference of a module needs stands in imports.txt, which tools/imports.py writes from its objects.
"""

import os
import re

COMPUTES = re.compile(
    r"(?:a?(?:sin|cos|tan)h?|atan2|sincos|exp|exp2|exp10|expm1|log|log2|log10|log1p|logb|ilogb|pow|sqrt|cbrt|hypot|fabs|fma|"
    r"fmod|modf|frexp|ldexp|scalbn|scalbln|remainder|remquo|ceil|floor|trunc|l?l?round|l?l?rint|nearbyint|copysign|nextafter|"
    r"nexttoward|fmin|fmax|fdim|erf|erfc|tgamma|lgamma|nan|isnan|isinf|finite"
    r"|c(?:abs|arg|exp|log|pow|sqrt|proj|a?(?:sin|cos|tan)h?))(?:f|l)?"
    r"|_ZGV[a-zA-Z]\w*|fe(?:get|set|hold|clear|raise|test|update)\w*|__(?:fpclassify|signbit|isnan|isinf|finite)[fl]?"
    r"|l?l?abs|l?l?div|rand|srand|rand_r|qsort|bsearch|__(?:mul|div|pow|float|fix|trunc|extend|u?div|u?mod)\w*[sdtxi][f3i2c]\w*"
)
TEXT = re.compile(
    r"(?:mem|str|wmem|wcs)[a-z_]+|is(?:al|bl|cn|di|gr|lo|pr|pu|sp|up|xd)[a-z]+|to(?:lower|upper)|ato[filld]+|__isoc\d\d_strto\w+"
    r"|__ctype_\w+|__memcpy_chk|__memmove_chk|__memset_chk|__str\w+_chk|setlocale|localeconv|mb\w+|wc\w+|bcmp|bzero"
)
PRINTS = re.compile(
    r"v?f?printf|v?sn?printf|puts|putchar|fputs|fputc|putc|fwrite|fflush|stdout|stderr|perror"
    r"|__v?(?:fprintf|printf|sprintf|snprintf|vfprintf)_chk|_IO_putc|v?sscanf|__isoc\d\d_v?sscanf|_ZN3fmt.*|_ZNK3fmt.*|_ZT[IVS]N3fmt.*"
)
RUNS = re.compile(
    r"malloc|calloc|realloc|free|aligned_alloc|posix_memalign|abort|exit|__assert_fail|__errno_location|time|clock"
    r"|clock_gettime|gettimeofday|difftime|mktime|gmtime\w*|localtime\w*|strftime"
    r"|__cxa_\w+|__gxx_personality_v0|__dynamic_cast|_Unwind_\w+|__dso_handle|_GLOBAL_OFFSET_TABLE_|__tls_get_addr"
    r"|__stack_chk_fail|__libc_single_threaded|pthread_(?:mutex|once|self|key|getspecific|setspecific|rwlock|cond_(?:wait|sig|bro|ini|des))\w*"
    r"|__pthread_key_create|__gthr\w*|__atomic_\w+|__(?:asan|ubsan|sanitizer|lsan)_\w+|__odr_asan\w*"
)
STANDARD = re.compile(r"_Z(?:T[VTISCWH]|GV)?N?[VKRO]*(?:S[tabsiod]|9__gnu_cxx|10__cxxabiv1|2xt|5xsimd|3xtl)|_Z(?:n|d)[wal]\w*|_ZT[IS][PRK]*(?:[a-z]$|D)")
# Of the standard library: what reaches files, starts threads or replaces what the tests rely on.
FILES = re.compile(r"basic_(?:file|if|of|f)(?:buf|stream)|basic_filebuf|__basic_file|10filesystem|stdio_\w*filebuf|3fmt2v\d+(?:4file|7ostream|13buffered_file|4pipe)")
THREADS = re.compile(r"St6thread|St7jthread|13__future_base|St15__async|launch|__future")
HANDLERS = re.compile(r"set_terminate|set_unexpected|set_new_handler|16set_default_resource|at_quick_exit|quick_exit|sync_with_stdio")

GROUPS = {  # of imports.txt: what a module may use on top, for what its reference uses
    "threads": re.compile(r"syscall|sched_yield|nanosleep|clock_nanosleep|usleep|pthread_\w+|__gthread\w*"),
}
REASONS = (
    (r"f?open(64|at|at64)?|freopen(64)?|fdopen|creat|read|write|pread\w*|pwrite\w*|close|dup[23]?|pipe2?|unlink\w*|rename\w*|"
     r"remove|mkdir\w*|opendir|readdir|stat\w*|fstat\w*|lseek|ftruncate|truncate|fread|fgets|fclose|fseek\w*|ftell|tmpfile|mkstemp|socket\w*|send\w*|recv\w*",
     "no task opens files or descriptors; what reads and writes files is given in module 07 and 08's headers"),
    (r"fork|vfork|clone\w*|exec\w*|posix_spawn\w*|system|popen|wait\w*|kill|raise|_exit|_Exit|quick_exit|ptrace|prctl|signal|sigaction|"
     r"sigprocmask|setsid|setpgid|alarm|setitimer", "no task starts, ends or traces processes; throw an Error where something is wrong"),
    (r"mmap\w*|mprotect|munmap|mremap|dlopen|dlsym|dlclose|dl_iterate_phdr|process_vm_\w+|shm\w*",
     "no task maps memory or loads libraries; use std::vector and Array"),
    (r"getenv|secure_getenv|setenv|unsetenv|putenv|environ|__environ|getpid|getppid|program_invocation\w*",
     "no task depends on the environment; pass values as arguments"),
    (r"pthread_\w+|sched_\w+|usleep|nanosleep|sleep|GOMP_\w+|omp_\w+", "threads are taught in later modules"),
    (r"atexit|on_exit|at_quick_exit|__cxa_at_quick_exit", "nothing may run after the tests"),
    (r"setjmp|_setjmp|longjmp|_longjmp|siglongjmp|__sigsetjmp|swapcontext|makecontext", "use exceptions"),
    (r"syscall", "no task calls the operating system; use the standard library"),
)


def allowed(name: str, groups: set[str]) -> bool:
    if any(GROUPS[group].fullmatch(name) for group in groups):
        return True
    if STANDARD.match(name):
        threads = THREADS.search(name) is not None and "threads" not in groups
        return not (FILES.search(name) or HANDLERS.search(name) or threads)
    return not FILES.search(name) and any(each.fullmatch(name) for each in (RUNS, COMPUTES, TEXT, PRINTS))


def reason(name: str) -> str:
    """What to do instead."""
    if FILES.search(name):
        return "no task opens files; what reads and writes them is given"
    if THREADS.search(name) and name.startswith("_Z"):
        return "threads are taught in later modules; compute in this one"
    for pattern, text in REASONS:
        if re.fullmatch(pattern, name):
            return text
    if HANDLERS.search(name):
        return "the tests rely on it"
    return "use the standard library's containers, algorithms and functions"


def groups_of(module: str) -> set[str]:
    path = os.path.join(os.path.dirname(__file__), "imports.txt")
    with open(path, encoding="utf-8") as stream:
        rows = [line.split() for line in stream if line.strip() and not line.startswith("#")]
    return {group for number, group in rows if number == module}
