"""Where the code under test lies, and how a script whose name is no module's is loaded."""
import os
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

COMPOSE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "compose")
IMAGE = next(folder for folder, _, names in os.walk(COMPOSE) if "s3-dags.py" in names)
sys.path.insert(0, IMAGE)
sys.dont_write_bytecode = True  # a package in an image's folder stays as git has it


def script(name):
    """A module made of a file in the image's folder."""
    loader = SourceFileLoader(name.replace("-", "_").replace(".py", ""), os.path.join(IMAGE, name))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module
