"""The compiled operations; everything else about the package is in pyproject.toml."""

import sysconfig
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

FOLDER = Path("skmlp/_kernels")
# One build serves Python 3.11 and every later version. Python without the GIL has no stable ABI.
STABLE_ABI = not sysconfig.get_config_var("Py_GIL_DISABLED")


class BuildExtension(build_ext):
    """A build that leaves no other beside it."""

    def run(self):
        """Build the extension; remove one for a single version, which Python would prefer."""
        if self.inplace:
            for build in [*FOLDER.glob("compiled.*.so"), *FOLDER.glob("compiled.*.pyd")]:
                build.unlink()
        super().run()


# Optional: where it cannot be compiled, the package installs without it and the definitions in
# NumPy serve. `-fno-math-errno` and `-fno-trapping-math` let gcc vectorise roots, divisions and
# conditions and change no result. Never `-ffast-math`: given to the linker, it changes the rounding
# of the whole process.
compiled = Extension(
    "skmlp._kernels.compiled",
    sources=[str(FOLDER / "compiled.pyx")],
    depends=[str(FOLDER / name) for name in ("loops.h", "loops.inc", "elementary.inc")],
    include_dirs=[str(FOLDER)],
    extra_compile_args=["-O3", "-fno-math-errno", "-fno-trapping-math"],
    define_macros=[("Py_LIMITED_API", "0x030B0000")] if STABLE_ABI else [],
    py_limited_api=STABLE_ABI,
    optional=True,
)

setup(
    ext_modules=[compiled],
    cmdclass={"build_ext": BuildExtension},
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if STABLE_ABI else {},
)
