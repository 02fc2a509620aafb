import Modeler
