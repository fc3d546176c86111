/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options_decide(): command lines in, verdicts out, one row a case.  A command
 * line is words with one blank between; the wanted verdict is the reason word,
 * or the decided words between argv0 and "-o CELL_OBJECT".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/cell/cell_paths.h"
#include "node/common/limits.h"
#include "node/options/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGV0 "/usr/bin/x-cc"
#define WORDS 64

enum { GP = 1, CP = 2, G3 = 4, C3 = 8 };
#define PLAIN (GP | CP)
#define PUMP (G3 | C3)
#define GCC (GP | G3)
#define CLANG (CP | C3)
#define ALL (PLAIN | PUMP)

struct row {
	unsigned where;
	const char *line;
	const char *want;
};

/* clang-format off */
static const struct row positions[] = {
	{ PLAIN, "-c hello.c", "-c hello.i" },
	{ PUMP, "-c hello.c", "-c hello.c" },
	{ PLAIN, "hello.c -c", "hello.i -c" },
	{ PLAIN, "-S hello.c", "-S hello.i" },
	{ PUMP, "-S hello.c", "-S hello.c" },
	{ PLAIN, "-c src/deep/hello.tab.cc", "-c hello.tab.ii" },
	{ PUMP, "-c /abs/src/hello.cc", "-c /abs/src/hello.cc" },
	{ PLAIN, "-c hello.cpp", "-c hello.ii" },
	{ PLAIN, "-c hello.cxx", "-c hello.ii" },
	{ PLAIN, "-c hello.cp", "-c hello.ii" },
	{ PLAIN, "-c hello.c++", "-c hello.ii" },
	{ PLAIN, "-c hello.C", "-c hello.ii" },
	{ PLAIN, "-c hello.ii", "-c hello.ii" },
	{ PLAIN, "-c hello.i", "-c hello.i" },
	{ PLAIN, "-c hello.m", "-c hello.mi" },
	{ PLAIN, "-c hello.mi", "-c hello.mi" },
	{ PLAIN, "-c hello.mm", "-c hello.mii" },
	{ PLAIN, "-c hello.M", "-c hello.mii" },
	{ PLAIN, "-c hello.mii", "-c hello.mii" },
	{ PLAIN, "-frandom-seed=hello.c -c hello.c",
	    "-frandom-seed=hello.c -c hello.i" },
	{ PLAIN, "-MT foo.c -c hello.c", "-c hello.i" },
	{ PUMP, "-MT foo.c -c hello.c", "-MT foo.c -c hello.c" },
	{ PLAIN, "-include foo.h -c hello.c", "-c hello.i" },
	{ PUMP, "-include foo.c -c hello.c", "-include foo.c -c hello.c" },
	{ PLAIN, "-o foo.c -c hello.c", "-c hello.i" },
	{ PLAIN, "-x c foo.h -c", "-x cpp-output foo.i -c" },
	{ PLAIN, "--param foo.c -c hello.c", "--param foo.c -c hello.i" },
	{ CP, "-Xclang -fno-pch-timestamp -c hello.c",
	    "-Xclang -fno-pch-timestamp -c hello.i" },
	{ CP, "-target x.c -c hello.c", "-target x.c -c hello.i" },
	{ CP, "-c hello.c -target x86_64-linux-gnu",
	    "-c hello.i -target x86_64-linux-gnu" },
	{ PLAIN, "-u sym.c -c hello.c", "-u sym.c -c hello.i" },
	{ PLAIN, "-T script.c -c hello.c", "-T script.c -c hello.i" },
	{ PLAIN, "-Xlinker a.c -c hello.c", "-Xlinker a.c -c hello.i" },
	{ PLAIN, "-L a.c -l b.c -c hello.c", "-L a.c -l b.c -c hello.i" },
	{ PLAIN, "-c ./-hello.c", "-c _hello.i" },
	{ PLAIN, "-c ./@hello.c", "-c _hello.i" },
	{ PUMP, "-c ./@hello.c", "-c ./@hello.c" },
	{ ALL, "", "option.input" },
	{ ALL, "-c", "option.input" },
	{ ALL, "-c -O2 -o hello.o", "option.input" },
	{ ALL, "-c a.c b.c", "option.input" },
	{ ALL, "-c a.c b.o", "option.input" },
	{ ALL, "-c a.c a.c", "option.input" },
	{ ALL, "-c -", "option.input" },
	{ ALL, "-x c -c -", "option.input" },
	{ ALL, "-c hello.c -", "option.input" },
	{ ALL, "-- -c hello.c", "option.input" },
	{ ALL, "-c hello.c -MT", "option.argument" },
	{ ALL, "-c hello.c -MF", "option.argument" },
	{ ALL, "-c hello.c -o", "option.argument" },
	{ ALL, "-c hello.c -x", "option.argument" },
	{ ALL, "-c hello.c -I", "option.argument" },
	{ ALL, "-c hello.c --param", "option.argument" },
	{ ALL, "-c hello.c --output", "option.argument" },
	{ ALL, "-c hello.c --include-directory", "option.argument" },
	{ ALL, "hello.c", "option.phase" },
	{ ALL, "hello.c -o hello", "option.phase" },
};

static const struct row languages[] = {
	{ PLAIN, "-x c -c a.c", "-x cpp-output -c a.i" },
	{ PLAIN, "-xc -c a.c", "-x cpp-output -c a.i" },
	{ PLAIN, "--language=c -c a.c", "-x cpp-output -c a.i" },
	{ PLAIN, "--language c -c a.c", "-x cpp-output -c a.i" },
	{ PLAIN, "-x c++ -c a.c", "-x c++-cpp-output -c a.ii" },
	{ PLAIN, "-x objective-c -c a.c",
	    "-x objective-c-cpp-output -c a.mi" },
	{ PLAIN, "-x objective-c++ -c a.c",
	    "-x objective-c++-cpp-output -c a.mii" },
	{ PLAIN, "-xobjective-c++ -c a.c",
	    "-x objective-c++-cpp-output -c a.mii" },
	{ PLAIN, "-x cpp-output -c a.c", "-x cpp-output -c a.i" },
	{ PLAIN, "-x objc++-cpp-output -c a.c",
	    "-x objective-c++-cpp-output -c a.mii" },
	{ PLAIN, "-x c++ -x none -c a.c",
	    "-x c++-cpp-output -x none -c a.i" },
	{ PLAIN, "-x c -x c++ -c a.c",
	    "-x cpp-output -x c++-cpp-output -c a.ii" },
	{ PLAIN, "-x c -c noext", "-x cpp-output -c noext.i" },
	{ PLAIN, "-x c -c .profile", "-x cpp-output -c .profile.i" },
	{ PUMP, "-x c -c a.c", "-x c -c a.c" },
	{ PUMP, "-xc++ -c a.c", "-xc++ -c a.c" },
	{ PUMP, "-x objective-c -c a.c", "-x objective-c -c a.c" },
	{ PUMP, "-x c++ -c noext", "-x c++ -c noext" },
	{ ALL, "-x assembler -c a.c", "option.language" },
	{ ALL, "-x assembler-with-cpp -c a.S", "option.language" },
	{ ALL, "-xassembler -c a.c", "option.language" },
	{ ALL, "-x c-header -c a.h", "option.language" },
	{ ALL, "-x c++-module -c a.cc", "option.language" },
	{ ALL, "-x go -c a.c", "option.language" },
	{ ALL, "-x lto -c a.c", "option.language" },
	{ ALL, "-x ir -c a.c", "option.language" },
	{ ALL, "-x cuda -c a.c", "option.language" },
	{ ALL, "--language=ada -c a.c", "option.language" },
	{ ALL, "-c a.s", "option.language" },
	{ ALL, "-c a.S", "option.language" },
	{ ALL, "-c a.h", "option.language" },
	{ ALL, "-c a.go", "option.language" },
	{ ALL, "-c a.o", "option.language" },
	{ ALL, "-c noext", "option.language" },
	{ ALL, "-c .c", "option.language" },
	{ ALL, "-c dir.c/noext", "option.language" },
};

static const struct row preprocessor[] = {
	{ PLAIN, "-DX=1 -D Y -UZ -U W -c a.c", "-c a.i" },
	{ PUMP, "-DX=/y -D Y -UZ -c a.c", "-DX=/y -D Y -UZ -c a.c" },
	{ PLAIN, "-I. -I inc -I/abs -c a.c", "-c a.i" },
	{ PUMP, "-I/abs -I inc -c a.c", "-I/abs -I inc -c a.c" },
	{ PLAIN, "-iquote q -iquoteq -isystem s -idirafter d -c a.c",
	    "-c a.i" },
	{ PUMP, "-iquote /q -isystem/s -idirafter d -c a.c",
	    "-iquote /q -isystem/s -idirafter d -c a.c" },
	{ PLAIN, "-isysroot /s --sysroot=/s --sysroot /s -c a.c", "-c a.i" },
	{ PUMP, "--sysroot=/s -c a.c", "--sysroot=/s -c a.c" },
	{ PLAIN, "-imacros m -includex.h -include y.h -c a.c", "-c a.i" },
	{ PLAIN, "-nostdinc -nostdinc++ -undef -H -c a.c", "-c a.i" },
	{ PLAIN, "--include-directory=/x --define-macro=Y -c a.c", "-c a.i" },
	{ PUMP, "--include-directory /x -c a.c",
	    "--include-directory /x -c a.c" },
	{ PLAIN, "--include=f --imacros f --undefine-macro X -c a.c",
	    "-c a.i" },
	{ PLAIN, "-Wp,-MD,foo.d -c a.c", "-c a.i" },
	{ PUMP, "-Wp,-MD,foo.d -c a.c", "option.preprocessor" },
	{ ALL, "-Xpreprocessor -DX -c a.c", "option.preprocessor" },
	{ PLAIN, "-fdirectives-only -c a.c", "-fdirectives-only -c a.i" },
	{ CP, "-cxx-isystem /x -iframework F -F/f -c a.c", "-c a.i" },
	{ GP, "-dD -dM -c a.c", "-c a.i" },
	{ G3, "-dD -c a.c", "-dD -c a.c" },
	{ CLANG, "-include-pch x.pch -c a.c", "option.file" },
	{ CLANG, "-ivfsoverlay x -c a.c", "option.file" },
	{ CLANG, "-fsanitize-ignorelist=l -c a.c", "option.file" },
	{ ALL, "-fmodules -c a.c", "option.modules" },
	{ GCC, "-fmodules-ts -c a.cc", "option.modules" },
	{ GCC, "-fmodule-mapper=|touch -c a.cc", "option.modules" },
	{ CLANG, "-fmodule-file=x -c a.c", "option.modules" },
	{ CLANG, "-fmodules-cache-path=x -c a.c", "option.modules" },
	{ CLANG, "-working-directory /x -c a.c", "option.path" },
	{ CLANG, "-working-directory=/x -c a.c", "option.path" },
};

static const struct row outputs[] = {
	{ PLAIN, "-c a.c -o x/a.o", "-c a.i" },
	{ PLAIN, "-c a.c -ox/a.o", "-c a.i" },
	{ PLAIN, "-c a.c --output=a.o", "-c a.i" },
	{ PLAIN, "-c a.c --output a.o", "-c a.i" },
	{ PLAIN, "-o a.o -c a.c -o b.o", "-c a.i" },
	{ ALL, "-c a.c -o -", "option.output" },
	{ ALL, "-c a.c -o-", "option.output" },
	{ ALL, "-c a.c -o@x", "option.response-file" },
	{ PLAIN, "-MD -MMD -MP -MG -MF a.d -MTx -MQ y -c a.c", "-c a.i" },
	{ PUMP, "-MMD -c a.c", "-MMD -c a.c -MF D -MQa.o" },
	{ PUMP, "-MD -c s/a.b.c", "-MD -c s/a.b.c -MF D -MQa.b.o" },
	{ PUMP, "-MD -c a.c -o x/a.o", "-MD -c a.c -MF D -MQx/a.o" },
	{ PUMP, "-MD -c a.c -ox.o", "-MD -c a.c -MF D -MQx.o" },
	{ PUMP, "-MD -MF a.d -c a.c -o a.o", "-MD -c a.c -MF D -MQa.o" },
	{ PUMP, "-MD -MFa.d -MT t -c a.c", "-MD -MT t -c a.c -MF D" },
	{ PUMP, "-MD -MQ t -c a.c", "-MD -MQ t -c a.c -MF D" },
	{ PUMP, "-MD -MTt -c a.c", "-MD -MTt -c a.c -MF D" },
	{ PUMP, "-MP -MG -MMD -c a.c", "-MP -MG -MMD -c a.c -MF D -MQa.o" },
	{ PUMP, "-MF a.d -c a.c", "-c a.c -MF D" },
	{ G3, "--write-dependencies -c a.c",
	    "--write-dependencies -c a.c -MF D -MQa.o" },
	{ PUMP, "-MD -c ./@a.c", "-MD -c ./@a.c -MF D -MQ@a.o" },
	{ ALL, "-M -c a.c", "option.phase" },
	{ ALL, "-MM -c a.c", "option.phase" },
	{ CLANG, "-MJ x -c a.c", "option.side-output" },
	{ GP, "-dumpdir d -dumpbase b -dumpbase-ext .c -c a.c", "-c a.i" },
	{ GCC, "-aux-info x -c a.c", "option.side-output" },
	{ GP, "-fdump-tree-all -c a.c", "-c a.i" },
	{ GP, "-fdump-tree-all=/x -da -c a.c", "-c a.i" },
	{ GP, "-dA -dp -c a.c", "-dA -dp -c a.i" },
	{ GP, "-save-temps -c a.c", "-save-temps=obj -c a.i" },
	{ G3, "--save-temps=cwd -c a.c", "-save-temps=obj -c a.c" },
	{ CLANG, "-save-temps -c a.c", "option.side-output" },
	{ GP, "-fstack-usage -c a.c", "-fstack-usage -c a.i" },
	{ GP, "--stack-usage -c a.c", "--stack-usage -c a.i" },
	{ CP, "-fstack-usage -c a.c", "-c a.i" },
	{ CP, "-ftime-trace -ftime-trace=x -c a.c", "-c a.i" },
	{ CP, "-serialize-diagnostics x.dia -c a.c", "-c a.i" },
	{ PLAIN, "-g -gsplit-dwarf -c a.c", "-g -c a.i" },
	{ C3, "-gsplit-dwarf=single -c a.c", "-c a.c" },
	{ GP, "-fopt-info -c a.c", "-fopt-info -c a.i" },
	{ GP, "-fopt-info-vec -c a.c", "-fopt-info-vec -c a.i" },
	{ GCC, "-fopt-info=x -c a.c", "option.side-output" },
	{ GCC, "-fopt-info-vec=x -c a.c", "option.side-output" },
	{ GP, "-fdiagnostics-format=json -c a.c",
	    "-fdiagnostics-format=json -c a.i" },
	{ ALL, "-fdiagnostics-format=json-file -c a.c",
	    "option.side-output" },
	{ ALL, "--coverage -c a.c", "option.profile" },
	{ ALL, "-fprofile-arcs -c a.c", "option.profile" },
	{ ALL, "-fprofile-generate=/x -c a.c", "option.profile" },
	{ ALL, "-fprofile-use -c a.c", "option.profile" },
	{ CLANG, "-fprofile-instr-use=x -c a.c", "option.profile" },
	{ CLANG, "-grecord-gcc-switches -c a.c", "option.record" },
	{ GP, "-grecord-gcc-switches -c a.c",
	    "-grecord-gcc-switches -c a.i" },
};

static const struct row programs[] = {
	{ ALL, "@args -c a.c", "option.response-file" },
	{ ALL, "-c a.c @args", "option.response-file" },
	{ ALL, "-c a.c -D @args", "option.response-file" },
	{ ALL, "-c a.c -o @args", "option.response-file" },
	{ ALL, "-fplugin=x.so -c a.c", "option.plugin" },
	{ GCC, "-fplugin-arg-x-y=1 -c a.c", "option.plugin" },
	{ CLANG, "--fplugin=x.so -c a.c", "option.plugin" },
	{ CLANG, "-fpass-plugin=x.so -c a.c", "option.plugin" },
	{ CLANG, "-Xclang -load -Xclang x.so -c a.c", "option.inner" },
	{ CLANG, "-load x.so -c a.c", "option.plugin" },
	{ GCC, "-iplugindir=x -c a.c", "option.plugin" },
	{ ALL, "-D -fplugin=x.so -c a.c", "option.plugin" },
	{ ALL, "--param -wrapper -c a.c", "option.plugin" },
	{ ALL, "--include-directory -specs=x -c a.c", "option.plugin" },
	{ ALL, "-D -O2 -c a.c", NULL },
	{ GCC, "-wrapper touch,x -c a.c", "option.wrapper" },
	{ ALL, "-specs=x -c a.c", "option.specs" },
	{ ALL, "-specs=/usr/share/dpkg/no-pie-compile.specs -c a.c",
	    "option.specs" },
	{ ALL, "-specs x -c a.c", "option.specs" },
	{ ALL, "--specs=x -c a.c", "option.specs" },
	{ ALL, "--specs x -c a.c", "option.specs" },
	{ ALL, "-B/x -c a.c", "option.program" },
	{ ALL, "-B x -c a.c", "option.program" },
	{ ALL, "--prefix=x -c a.c", "option.program" },
	{ ALL, "--prefix x -c a.c", "option.program" },
	{ CLANG, "--config x -c a.c", "option.config" },
	{ CLANG, "--config=x -c a.c", "option.config" },
	{ CLANG, "--gcc-toolchain=/x -c a.c", "option.program" },
	{ CLANG, "-resource-dir x -c a.c", "option.program" },
	{ CLANG, "-resource-dir=x -c a.c", "option.program" },
	{ CLANG, "--resource-dir=x -c a.c", "option.program" },
	{ CLANG, "--driver-mode=cpp -c a.c", "option.program" },
	{ CLANG, "-cc1 -c a.c", "option.program" },
	{ CLANG, "-cc1as -c a.c", "option.program" },
	{ CLANG, "-ccc-gcc-name x -c a.c", "option.program" },
	{ GCC, "-foffload=nvptx-none -c a.c", "option.offload" },
	{ GCC, "-foffload=disable -c a.c", NULL },
	{ GCC, "-fcompare-debug -c a.c", "option.compare" },
	{ GCC, "-time=x -c a.c", "option.side-output" },
	{ ALL, "-E -c a.c", "option.phase" },
	{ ALL, "-fsyntax-only -c a.c", "option.phase" },
	{ ALL, "-### -c a.c", "option.phase" },
	{ ALL, "--preprocess a.c", "option.phase" },
	{ CLANG, "--analyze -c a.c", "option.phase" },
	{ CLANG, "-emit-ast -c a.c", "option.phase" },
	{ CP, "-emit-llvm -c a.c", "-emit-llvm -c a.i" },
	{ ALL, "-march=native -c a.c", "option.native" },
	{ ALL, "-mtune=native -c a.c", "option.native" },
	{ ALL, "-mcpu=native -c a.c", "option.native" },
	{ GCC, "--machine-arch=native -c a.c", "option.native" },
	{ GCC, "--machine=arch=native -c a.c", "option.native" },
	{ GCC, "--machine arch=native -c a.c", "option.native" },
	{ PLAIN, "-march=x86-64-v3 -c a.c", "-march=x86-64-v3 -c a.i" },
};

static const struct row inner[] = {
	{ PLAIN, "-Wa,--noexecstack -c a.c", "-Wa,--noexecstack -c a.i" },
	{ ALL, "-Wa,--gdwarf-5,-march=armv8-a,-W -c a.c", NULL },
	{ ALL, "-Wa,--defsym,X=/y,-K -c a.c", NULL },
	{ ALL, "-Wa,--defsym -Wa,X=1 -c a.c", NULL },
	{ ALL, "-Wa,--debug-prefix-map,/a=/b -c a.c", NULL },
	{ ALL, "-Wa,-mbranches-within-32B-boundaries -c a.c", NULL },
	{ ALL, "-Xassembler --defsym -Xassembler X=1 -c a.c", NULL },
	{ ALL, "--for-assembler=--noexecstack -c a.c", NULL },
	{ ALL, "-Wa,-adhln=x -c a.c", "option.assembler" },
	{ ALL, "-Wa,-al -c a.c", "option.assembler" },
	{ ALL, "-Wa,macros.s -c a.c", "option.assembler" },
	{ ALL, "-Wa,@x -c a.c", "option.assembler" },
	{ ALL, "-Wa,--defsym,@x -c a.c", "option.assembler" },
	{ ALL, "-Wa,-I,/x -c a.c", "option.assembler" },
	{ ALL, "-Wa,-I/x -c a.c", "option.assembler" },
	{ ALL, "-Wa,-o,x -c a.c", "option.assembler" },
	{ ALL, "-Wa,--MD,x -c a.c", "option.assembler" },
	{ ALL, "-Wa,--noexecstack,x.s -c a.c", "option.assembler" },
	{ ALL, "-Wa, -c a.c", "option.assembler" },
	{ ALL, "-Wa,--noex -c a.c", "option.assembler" },
	{ ALL, "-Xassembler x.s -c a.c", "option.assembler" },
	{ ALL, "--for-assembler=x.s -c a.c", "option.assembler" },
	{ CLANG, "-Xclang -disable-O0-optnone -c a.c", NULL },
	{ CLANG, "-Xclang -fdebug-compilation-dir -Xclang /x -c a.c", NULL },
	{ CLANG, "-Xclang -mllvm -Xclang -asan-globals=1 -c a.c", NULL },
	{ CLANG, "-Xclang -mllvm -Xclang -load=x -c a.c", "option.inner" },
	{ CLANG, "-Xclang -o -Xclang x -c a.c", "option.inner" },
	{ CLANG, "-Xclang -emit-obj -c a.c", "option.inner" },
	{ CLANG, "-Xclang x.c -c a.c", "option.inner" },
	{ CLANG, "-mllvm -asan-globals=1 -c a.c", NULL },
	{ CLANG, "-mllvm -inline-threshold=99 -c a.c", NULL },
	{ CLANG, "-mllvm -load=x -c a.c", "option.inner" },
	{ CLANG, "-mllvm -info-output-file=x -c a.c", "option.inner" },
	{ CLANG, "-mllvm -asan-x=/etc/passwd -c a.c", "option.inner" },
	{ CLANG, "-Xarch_host -O2 -c a.c", "option.inner" },
};

/* What real builds send: none of it may be refused. */
static const struct row builds[] = {
	{ ALL, "-ffile-prefix-map=/build/x=. -fdebug-prefix-map=/a=b "
	    "-fstack-protector-strong -Wformat -Werror=format-security "
	    "-D_FORTIFY_SOURCE=2 -Wdate-time -g -O2 -c a.c -o a.o", NULL },
	{ ALL, "-std=gnu11 -Wall -Wextra -Wno-unused -pthread -pipe -fPIC "
	    "-fvisibility=hidden -c a.c -o CMakeFiles/x.dir/a.c.o", NULL },
	{ GCC, "-nostdinc -I./arch/x86/include -include ./kconfig.h "
	    "-D__KERNEL__ -fmacro-prefix-map=./= -mno-sse -mcmodel=kernel "
	    "-mindirect-branch=thunk-extern -fno-allow-store-data-races "
	    "--param=allow-store-data-races=0 -Wframe-larger-than=2048 "
	    "-fcf-protection=none -falign-jumps=1 -fno-strict-overflow "
	    "-DKBUILD_MODFILE=\"x/y\" -c -o x/y.o x/y.c", NULL },
	{ CLANG, "--target=x86_64-linux-gnu -fintegrated-as "
	    "-Werror=unknown-warning-option -mstack-alignment=8 "
	    "-ftrivial-auto-var-init=pattern -c -o a.o a.c", NULL },
	{ ALL, "-MD -MP -MF .deps/a.Tpo -MT a.lo -c a.c -fPIC -DPIC "
	    "-o .libs/a.o", NULL },
	{ ALL, "-flto=auto -ffat-lto-objects -fcf-protection -march=armv8-a "
	    "-mbranch-protection=standard -c a.c", NULL },
	{ ALL, "-fdiagnostics-color=always -fno-omit-frame-pointer -g3 -gz "
	    "-gdwarf-4 -ggdb3 -O3 -fsanitize=address,undefined -c a.c",
	    NULL },
	{ ALL, "-fuse-ld=/usr/bin/ld.gold -Wl,-z,relro -L/x -lfoo -c a.c",
	    NULL },
	{ ALL, "--std=c99 --optimize=2 --debug --warn-all --pipe --compile "
	    "a.c", NULL },
	{ ALL, "-fsome-new-option -Wsome-warning -mnew=1 -fnew=x -c a.c",
	    NULL },
	{ ALL, "-fsome-new-option=/etc/passwd -c a.c", "option.unknown" },
	{ ALL, "-fsome-new-option=../x -c a.c", "option.unknown" },
	{ ALL, "--some-new-option=/x -c a.c", "option.unknown" },
	{ ALL, "-qnew/option -c a.c", "option.unknown" },
	{ CLANG, "--unknown=/x -c a.c", "option.unknown" },
	{ CLANG, "--emit-static-lib -c a.c", "option.phase" },
};
/* clang-format on */

struct words {
	char text[1024];
	const char *argv[WORDS];
	unsigned argc;
};

static void
split(struct words *w, const char *line)
{
	char *p = w->text;

	assert_true(strlen(line) < sizeof(w->text));
	memcpy(w->text, line, strlen(line) + 1);
	w->argv[0] = "gcc";
	w->argc = 1;
	while (*p != '\0') {
		assert_true(w->argc < WORDS);
		w->argv[w->argc++] = p;
		p += strcspn(p, " ");
		if (*p != '\0')
			*p++ = '\0';
	}
}

static void
decide(struct options_decision *d, struct words *w, unsigned where,
    const char *extra)
{
	struct options_request req = {
		.proto = where & PUMP ? 3 : 1,
		.argc = w->argc,
		.argv = w->argv,
		.family = where & GCC ? FAMILY_GCC : FAMILY_CLANG,
		.argv0 = ARGV0,
		.extra = extra,
	};

	assert_int_equal(options_decide(d, &req), 0);
}

static int
is_reason(const char *word)
{
	size_t i;

	for (i = 0; options_reasons[i] != NULL; i++)
		if (strcmp(options_reasons[i], word) == 0)
			return 1;
	return 0;
}

/* The decided words but argv0 and the output's, with "D" for CELL_DEPS. */
static void
join(char *buf, size_t size, const struct options_decision *d)
{
	unsigned i;
	size_t n = 0;

	buf[0] = '\0';
	for (i = 1; i + 2 < d->argc; i++) {
		n += (size_t)snprintf(buf + n, size - n, "%s%s",
		    i == 1 ? "" : " ",
		    strcmp(d->argv[i], CELL_DEPS) == 0 ? "D" : d->argv[i]);
		assert_true(n < size);
	}
}

static void
check_allowed(const struct options_decision *d, const struct row *row)
{
	char got[2048];

	if (d->reason != NULL)
		fail_msg("\"%s\" refused: %s %s", row->line, d->reason,
		    d->text);
	assert_string_equal(d->argv[0], ARGV0);
	assert_string_equal(d->argv[d->argc - 2], "-o");
	assert_string_equal(d->argv[d->argc - 1], CELL_OBJECT);
	assert_null(d->argv[d->argc]);
	assert_non_null(d->source);
	join(got, sizeof(got), d);
	if (row->want != NULL)
		assert_string_equal(got, row->want);
}

static void
check_refused(const struct options_decision *d, const struct row *row)
{
	if (d->reason == NULL)
		fail_msg("\"%s\" passed", row->line);
	if (strcmp(d->reason, row->want) != 0)
		fail_msg("\"%s\": %s, not %s", row->line, d->reason,
		    row->want);
	assert_true(is_reason(d->reason));
	assert_true(strlen(d->text) > 20);
	assert_null(strchr(d->text, '\n'));
}

static void
check_row(const struct row *row, unsigned where)
{
	struct options_decision d;
	struct words w;

	split(&w, row->line);
	decide(&d, &w, where, "");
	if (row->want != NULL && strncmp(row->want, "option.", 7) == 0)
		check_refused(&d, row);
	else
		check_allowed(&d, row);
	options_done(&d);
}

static void
check_rows(const struct row *rows, size_t n)
{
	unsigned where;
	size_t i;

	for (i = 0; i < n; i++)
		for (where = 1; where <= C3; where <<= 1)
			if (rows[i].where & where)
				check_row(&rows[i], where);
}

#define ROWS_TEST(name) \
	static void test_##name(void **state) \
	{ \
		(void)state; \
		check_rows(name, sizeof(name) / sizeof(name[0])); \
	}

ROWS_TEST(positions)
ROWS_TEST(languages)
ROWS_TEST(preprocessor)
ROWS_TEST(outputs)
ROWS_TEST(programs)
ROWS_TEST(inner)
ROWS_TEST(builds)

static void
test_input_and_source(void **state)
{
	struct options_decision d;
	struct words w;

	(void)state;
	split(&w, "-c src/hello.c -o hello.o -MD");
	decide(&d, &w, GP, "");
	assert_string_equal(d.input, "hello.i");
	assert_ptr_equal(d.source, w.argv[2]);
	assert_int_equal(d.want_deps, 0);
	options_done(&d);
	decide(&d, &w, G3, "");
	assert_string_equal(d.input, "");
	assert_ptr_equal(d.source, w.argv[2]);
	assert_int_equal(d.want_deps, 1);
	options_done(&d);
}

static void
test_extra_comes_first(void **state)
{
	struct options_decision d;
	struct words w;

	(void)state;
	split(&w, "-c hello.c");
	decide(&d, &w, GP, "-std=c99");
	assert_string_equal(d.argv[1], "-std=c99");
	assert_string_equal(d.argv[2], "-c");
	options_done(&d);
}

static void
test_notes(void **state)
{
	struct options_decision d;
	struct words w;

	(void)state;
	split(&w, "-gsplit-dwarf -gsplit-dwarf -c a.c");
	decide(&d, &w, GP, "");
	assert_string_equal(d.notes, "immured: note: \"-gsplit-dwarf\": no "
	    ".dwo is returned: the debug information stays in the object\n");
	options_done(&d);
	split(&w, "-c a.c -O2");
	decide(&d, &w, GP, "");
	assert_string_equal(d.notes, "");
	options_done(&d);
}

static void
test_notes_are_bounded(void **state)
{
	static char words[200][32];
	static const char *argv[203];
	struct options_request req = { .proto = 1, .argc = 203, .argv = argv,
		.family = FAMILY_GCC, .argv0 = ARGV0, .extra = "" };
	struct options_decision d;
	unsigned i;

	(void)state;
	argv[0] = "gcc";
	argv[1] = "-c";
	argv[2] = "a.c";
	for (i = 0; i < 200; i++) {
		snprintf(words[i], sizeof(words[i]), "-fdump-%u", i);
		argv[i + 3] = words[i];
	}
	assert_int_equal(options_decide(&d, &req), 0);
	assert_null(d.reason);
	assert_true(strlen(d.notes) < sizeof(d.notes));
	assert_non_null(strstr(d.notes, "and more of the kind\n"));
	assert_int_equal(d.notes[strlen(d.notes) - 1], '\n');
	options_done(&d);
}

static void
test_text_is_escaped(void **state)
{
	static const char *argv[] = { "gcc", "-c",
		"-fplugin=\n\033[2J\"\\\xff", "a.c" };
	struct options_request req = { .proto = 1, .argc = 4, .argv = argv,
		.family = FAMILY_GCC, .argv0 = ARGV0, .extra = "" };
	struct options_decision d;

	(void)state;
	assert_int_equal(options_decide(&d, &req), 0);
	assert_string_equal(d.reason, "option.plugin");
	assert_string_equal(d.text, "\"-fplugin=\\x0a\\x1b[2J\\x22\\x5c\\xff\""
	    " loads code into the compiler; leave the plugin out, or compile "
	    "this file locally");
	options_done(&d);
}

static void
test_no_words(void **state)
{
	static const char *argv[] = { NULL };
	struct options_request req = { .proto = 1, .argc = 0, .argv = argv,
		.family = FAMILY_GCC, .argv0 = ARGV0, .extra = "" };
	struct options_decision d;

	(void)state;
	assert_int_equal(options_decide(&d, &req), 0);
	assert_string_equal(d.reason, "option.limit");
	options_done(&d);
}

static void
test_most_words(void **state)
{
	const char **argv = calloc(LIMIT_ARGC + 1, sizeof(*argv));
	struct options_request req = { .proto = 1, .argc = LIMIT_ARGC,
		.argv = argv, .family = FAMILY_GCC, .argv0 = ARGV0,
		.extra = "" };
	struct options_decision d;
	unsigned i;

	(void)state;
	assert_non_null(argv);
	for (i = 0; i <= LIMIT_ARGC; i++)
		argv[i] = "-xc";
	argv[LIMIT_ARGC - 2] = "-c";
	argv[LIMIT_ARGC - 1] = "a.c";
	assert_int_equal(options_decide(&d, &req), 0);
	assert_null(d.reason);
	assert_int_equal(d.argc, 2 * (LIMIT_ARGC - 3) + 5);
	assert_null(d.argv[d.argc]);
	options_done(&d);
	req.argc++;
	assert_int_equal(options_decide(&d, &req), 0);
	assert_string_equal(d.reason, "option.limit");
	options_done(&d);
	free(argv);
}

/* A decision on input names at the limit of a file name and beyond it. */
static void
test_long_name(void **state)
{
	char name[300];
	const char *argv[] = { "gcc", "-c", name };
	struct options_request req = { .proto = 1, .argc = 3, .argv = argv,
		.family = FAMILY_GCC, .argv0 = ARGV0, .extra = "" };
	struct options_decision d;

	(void)state;
	memset(name, 'a', sizeof(name));
	memcpy(name + 253, ".c", 3);
	assert_int_equal(options_decide(&d, &req), 0);
	assert_null(d.reason);
	assert_int_equal(strlen(d.input), 255);
	options_done(&d);
	memcpy(name + 253, "a.c", 4);
	assert_int_equal(options_decide(&d, &req), 0);
	assert_string_equal(d.reason, "option.input");
	options_done(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_positions),
		cmocka_unit_test(test_languages),
		cmocka_unit_test(test_preprocessor),
		cmocka_unit_test(test_outputs),
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_inner),
		cmocka_unit_test(test_builds),
		cmocka_unit_test(test_input_and_source),
		cmocka_unit_test(test_extra_comes_first),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_notes_are_bounded),
		cmocka_unit_test(test_text_is_escaped),
		cmocka_unit_test(test_no_words),
		cmocka_unit_test(test_most_words),
		cmocka_unit_test(test_long_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
