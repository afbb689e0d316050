"""Terraform resources and the engine that places them; jsii reads its Node from the environment on first import."""

from blueprint.node import use_our_node

use_our_node()
